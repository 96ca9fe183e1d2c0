// Uploads with progress: the SHA-256 is computed in the browser, then the file is sent in pieces.
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import { type DetailedError, Upload as Tus } from "tus-js-client";
import { ApiError, problemFrom } from "@/api/problem";

export interface UploadProgress {
  phase: "hashing" | "sending";
  done: number;
  total: number;
}

const PIECE_BYTES = 64 * 1024 * 1024;
const RETRY_MILLISECONDS = [500, 1000, 2000, 4000, 8000, 16000];

type Report = (progress: UploadProgress) => void;

/** Return the SHA-256 of a file in hex. The file is read in pieces. */
export async function digestOf(file: Blob, report: Report, signal?: AbortSignal): Promise<string> {
  const hash = sha256.create();
  const reader = file.stream().getReader();
  let done = 0;
  for (;;) {
    signal?.throwIfAborted();
    const piece = await reader.read();
    if (piece.done) break;
    hash.update(piece.value);
    done += piece.value.length;
    report({ phase: "hashing", done, total: file.size });
  }
  return bytesToHex(hash.digest());
}

/** Controls of a running upload. */
export interface Control {
  pause: () => void;
  resume: () => void;
}

/**
 * Send the file by tus, in pieces. Resolves when the service has all of it and has compared the
 * digest.
 *
 * After a broken connection, it continues at the offset of the service. Aborting by `signal`
 * deletes the upload.
 */
export function send(
  subject: string,
  file: File,
  digest: string,
  report: Report,
  signal: AbortSignal,
  control: (given: Control | null) => void,
): Promise<void> {
  return new Promise<void>((resolve, reject) => {
    const upload = new Tus(file, {
      endpoint: `${subject}/uploads`,
      metadata: { filename: file.name, sha256: digest },
      chunkSize: PIECE_BYTES,
      retryDelays: RETRY_MILLISECONDS,
      removeFingerprintOnSuccess: true,
      onProgress: (done, total) => report({ phase: "sending", done, total }),
      onSuccess: () => resolve(),
      onError: (error) => reject(translated(error)),
    });
    signal.addEventListener("abort", () => {
      reject(new DOMException("Upload stopped", "AbortError"));
      void upload.abort(true).catch(() => undefined); // otherwise it expires
    });
    control({ pause: () => void upload.abort(), resume: () => upload.start() });
    void upload.findPreviousUploads().then(([previous]) => {
      if (signal.aborted) return;
      if (previous) upload.resumeFromPreviousUpload(previous);
      upload.start();
    }, reject);
  }).finally(() => control(null));
}

function translated(error: Error | DetailedError): Error {
  const answer = "originalResponse" in error ? error.originalResponse : null;
  if (!answer || answer.getStatus() === 0) return new TypeError("the connection broke");
  return new ApiError(answer.getStatus(), problemFrom(answer.getStatus(), parse(answer.getBody())));
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
