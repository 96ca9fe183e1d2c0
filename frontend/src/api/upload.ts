// Sends a file with progress: SHA-256 in the browser while reading, then one stream to the service.
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import { ApiError, problemFrom } from "@/api/problem";

export interface UploadProgress {
  phase: "hashing" | "sending";
  done: number;
  total: number;
}

type Report = (progress: UploadProgress) => void;

/** The SHA-256 of a file in hex, read in pieces: never the whole file in memory. */
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

/** PUTs the file; resolves when the service has all of it, and compared its digest with ours. */
export function send(address: string, file: Blob, digest: string, report: Report, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("PUT", `${address}?sha256=${digest}`);
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.upload.onprogress = (event) => report({ phase: "sending", done: event.loaded, total: file.size });
    request.onload = () => {
      if (request.status >= 200 && request.status < 300) resolve();
      else reject(new ApiError(request.status, problemFrom(request.status, parse(request.responseText))));
    };
    request.onerror = () => reject(new TypeError("the connection broke"));
    request.onabort = () => reject(new DOMException("Upload stopped", "AbortError"));
    signal?.addEventListener("abort", () => request.abort());
    request.send(file);
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
