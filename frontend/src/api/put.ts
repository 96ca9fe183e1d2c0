// Sends one file as the body of a request, with progress.
import { ApiError, problemFrom } from "@/api/problem";
import type { UploadProgress } from "@/api/upload";

/** Resolves when the service has taken the file; it compares the digest (SHA-256, hex) with what it received. */
export function put(address: string, file: File, digest: string, report: (progress: UploadProgress) => void, signal: AbortSignal): Promise<void> {
  return new Promise<void>((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("PUT", `${address}?sha256=${digest}`);
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.upload.onprogress = (event) => report({ phase: "sending", done: event.loaded, total: file.size });
    request.onerror = () => reject(new TypeError("the connection broke"));
    request.onabort = () => reject(new DOMException("Upload stopped", "AbortError"));
    request.onload = () => {
      if (request.status < 300) resolve();
      else reject(new ApiError(request.status, problemFrom(request.status, parse(request.responseText))));
    };
    signal.addEventListener("abort", () => request.abort());
    request.send(file);
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null; // an answer of something between us and the service: the status says enough
  }
}
