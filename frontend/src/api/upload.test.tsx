// Uploads in pieces: the whole file arrives, also over connections that break.
import { beforeEach, describe, expect, it, vi } from "vitest";
import { ApiError } from "@/api/problem";
import { type Control, digestOf, send, type UploadProgress } from "@/api/upload";
import { stubTus, type TusServer } from "@/testing/tus";

const BYTES = Array.from({ length: 1000 }, (_, index) => index % 251);
const SUBJECT = "/api/v1/releases/rel_1";
const ADDRESS = "/api/v1/uploads/upl_1";

vi.setConfig({ testTimeout: 10_000 });

let server: TusServer;
let reports: UploadProgress[];
let control: Control | null;

const file = () => new File([new Uint8Array(BYTES)], "model.safetensors", { lastModified: 1 });
const begin = (signal = new AbortController().signal) =>
  send(SUBJECT, file(), "ab".repeat(32), (progress) => reports.push(progress), signal, (given) => (control = given));

beforeEach(() => {
  localStorage.clear();
  server = stubTus();
  reports = [];
  control = null;
});

describe("a file that is sent in pieces", () => {
  it("arrives, with its name and digest", async () => {
    await begin();
    expect(server.bytes).toEqual(BYTES);
    const pairs = Object.fromEntries(server.metadata.split(",").map((pair) => pair.split(" "))) as Record<string, string>;
    expect(atob(pairs.filename ?? "")).toBe("model.safetensors");
    expect(atob(pairs.sha256 ?? "")).toBe("ab".repeat(32));
    expect(server.asked).toEqual([`POST ${SUBJECT}/uploads`, `PATCH ${ADDRESS} 0`]);
    expect(reports.at(-1)).toEqual({ phase: "sending", done: 1000, total: 1000 });
    expect(control).toBeNull();
  });

  it("goes on where the service says when a connection breaks", async () => {
    server.breaks = [300, 100];
    await begin();
    expect(server.bytes).toEqual(BYTES);
    expect(server.asked).toEqual([
      `POST ${SUBJECT}/uploads`,
      `PATCH ${ADDRESS} 0`,
      `HEAD ${ADDRESS}`,
      `PATCH ${ADDRESS} 300`,
      `HEAD ${ADDRESS}`,
      `PATCH ${ADDRESS} 400`,
    ]);
  });

  it("goes on in a later attempt with the same file", async () => {
    server.breaks = [300];
    server.refusals = [{ method: "PATCH", status: 401, body: { title: "Not signed in", status: 401, code: "unauthenticated", detail: "Sign in." } }];
    expect(await begin().catch((error: unknown) => error)).toMatchObject({ problem: { code: "unauthenticated" } });
    server.asked = [];
    await begin();
    expect(server.bytes).toEqual(BYTES);
    expect(server.asked).toEqual([`HEAD ${ADDRESS}`, `PATCH ${ADDRESS} 300`]);
  });

  it("pauses and resumes", async () => {
    server.breaks = [300];
    const done = begin();
    await vi.waitFor(() => expect(server.bytes.length).toBe(300));
    control?.pause();
    const asked = server.asked.length;
    await new Promise((resolve) => setTimeout(resolve, 700)); // longer than it would wait to go on
    expect(server.asked.length).toBe(asked);
    control?.resume();
    await done;
    expect(server.bytes).toEqual(BYTES);
  });

  it("is deleted when it is stopped", async () => {
    server.breaks = [300];
    const stop = new AbortController();
    const done = begin(stop.signal).catch((error: unknown) => error);
    await vi.waitFor(() => expect(server.bytes.length).toBe(300));
    stop.abort();
    expect(await done).toMatchObject({ name: "AbortError" });
    await vi.waitFor(() => expect(server.asked.at(-1)).toBe(`DELETE ${ADDRESS}`));
    expect(control).toBeNull();
  });

  it("is rejected with the reason of the service", async () => {
    const problem = { type: "x", title: "Too large", status: 413, code: "quota_exceeded", detail: "The project is full.", errors: [] };
    server.refusals = [{ method: "POST", status: 413, body: problem }];
    const error = await begin().catch((failure: unknown) => failure);
    expect(error).toBeInstanceOf(ApiError);
    expect((error as ApiError).problem).toMatchObject({ code: "quota_exceeded", detail: "The project is full." });
    expect(server.asked).toEqual([`POST ${SUBJECT}/uploads`]);
  });
});

describe("the digest", () => {
  const abc = () => new Response("abc").blob(); // jsdom's own has no stream

  it("is the SHA-256 of the bytes", async () => {
    const digest = await digestOf(await abc(), (progress) => reports.push(progress));
    expect(digest).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    expect(reports.at(-1)).toEqual({ phase: "hashing", done: 3, total: 3 });
  });

  it("is given up when the upload is stopped", async () => {
    await expect(digestOf(await abc(), () => undefined, AbortSignal.abort())).rejects.toThrow("abort");
  });
});
