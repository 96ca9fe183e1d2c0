// A tus 1.0 server in memory behind XMLHttpRequest. Its connections can be broken.
import { vi } from "vitest";

export interface TusServer {
  /** Every request, as "METHOD path offset". */
  asked: string[];
  /** Received bytes. */
  bytes: number[];
  /** The announced length. Null before and after an upload. */
  length: number | null;
  metadata: string;
  /** Numbers of bytes after which the next connections break, each used once. */
  breaks: number[];
  /** Problems to answer the next requests of a method with, each used once. */
  refusals: { method: string; status: number; body: unknown }[];
}

const ADDRESS = "/api/v1/uploads/upl_1";

/** Replace the network by the server until the end of the test. */
export function stubTus(): TusServer {
  const server: TusServer = { asked: [], bytes: [], length: null, metadata: "", breaks: [], refusals: [] };
  class Request {
    upload: { onprogress: ((event: ProgressEvent) => void) | null } = { onprogress: null };
    onload: (() => void) | null = null;
    onerror: ((event: unknown) => void) | null = null;
    status = 0;
    responseText = "";
    withCredentials = false;
    private method = "";
    private path = "";
    private aborted = false;
    private readonly sent = new Map<string, string>();
    private answered = new Map<string, string>();

    open(method: string, url: string) {
      this.method = method;
      this.path = new URL(url, location.origin).pathname;
    }

    setRequestHeader(name: string, value: string) {
      this.sent.set(name.toLowerCase(), value);
    }

    getResponseHeader(name: string) {
      return this.answered.get(name.toLowerCase()) ?? null;
    }

    abort() {
      this.aborted = true;
    }

    send(body: Blob | null) {
      server.asked.push([this.method, this.path, this.sent.get("upload-offset")].filter(Boolean).join(" "));
      void this.answer(body).then((status) => {
        if (this.aborted) return;
        this.status = status;
        if (status === 0) this.onerror?.(new Event("error"));
        else this.onload?.();
      });
    }

    private async answer(body: Blob | null): Promise<number> {
      await Promise.resolve();
      const refusal = server.refusals[0];
      if (refusal?.method === this.method && server.breaks.length === 0) {
        server.refusals.shift();
        this.responseText = JSON.stringify(refusal.body);
        return refusal.status;
      }
      if (this.method === "POST") {
        server.length = Number(this.sent.get("upload-length"));
        server.metadata = this.sent.get("upload-metadata") ?? "";
        server.bytes = [];
        this.answered = new Map([["location", ADDRESS]]);
        return 201;
      }
      if (server.length === null) return 410;
      if (this.method === "DELETE") {
        server.length = null;
        return 204;
      }
      if (this.method === "PATCH") {
        const arrived = body ? await bytesOf(body) : [];
        const broken = server.breaks.shift();
        server.bytes.push(...arrived.slice(0, broken));
        this.upload.onprogress?.(new ProgressEvent("progress", { lengthComputable: true, loaded: arrived.length, total: arrived.length }));
        if (broken !== undefined) return 0;
      }
      this.answered = new Map([
        ["upload-offset", String(server.bytes.length)],
        ["upload-length", String(server.length)],
      ]);
      return this.method === "PATCH" ? 204 : 200;
    }
  }
  vi.stubGlobal("XMLHttpRequest", Request);
  return server;
}

function bytesOf(blob: Blob): Promise<number[]> {
  return new Promise((resolve) => {
    const reader = new FileReader(); // jsdom's Blob has no arrayBuffer
    reader.onload = () => resolve([...new Uint8Array(reader.result as ArrayBuffer)]);
    reader.readAsArrayBuffer(blob);
  });
}
