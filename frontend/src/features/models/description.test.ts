import { describe, expect, it } from "vitest";
import { EXAMPLE, parseDescription, refusalOf, shapesOf } from "@/features/models/description";

function safetensors(header: string): Blob {
  const bytes = new TextEncoder().encode(header);
  const head = new DataView(new ArrayBuffer(8));
  head.setBigUint64(0, BigInt(bytes.length), true);
  return new Blob([head.buffer, bytes, new Uint8Array(16)]);
}

describe("parseDescription", () => {
  it("accepts the example that the form shows", () => {
    expect(parseDescription(JSON.stringify(EXAMPLE))).toMatchObject({ ok: true });
  });
  it.each([
    ["{", "Not JSON"],
    ["[]", "object"],
    [JSON.stringify({ ...EXAMPLE, architecture: 3 }), "architecture"],
    [JSON.stringify({ ...EXAMPLE, convention: { height: 32, width: 32, channels: 4 } }), "channels"],
    [JSON.stringify({ ...EXAMPLE, convention: { ...EXAMPLE.convention, mean: [0.5, 0.5] } }), "mean"],
    [JSON.stringify({ ...EXAMPLE, convention: { ...EXAMPLE.convention, channel_order: "L" } }), "channel_order"],
    [JSON.stringify({ ...EXAMPLE, classes: ["one"] }), "classes"],
  ])("says what is wrong with %s", (text, word) => {
    const parsed = parseDescription(text);
    expect(parsed.ok ? "" : parsed.problem).toContain(word);
  });
});

describe("refusalOf", () => {
  it("lets safetensors and PyTorch's zip files through, for the service to check", async () => {
    expect(await refusalOf(safetensors('{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}'))).toBeNull();
    expect(await refusalOf(new Blob(["PK\u0003\u0004 and more bytes"]))).toBeNull();
  });
  it("lets ONNX models through", async () => {
    expect(await refusalOf(new Blob([new Uint8Array([8, 8, 18, 7, 112, 121, 116, 111, 114, 99, 104])]))).toBeNull();
  });
  it("names other formats and says what to do", async () => {
    expect(await refusalOf(new Blob([]))).toContain("empty");
    expect(await refusalOf(new Blob([new Uint8Array([0x80, 2, 0x7d, 0, 0, 0, 0, 0, 0, 0])]))).toContain("pickle");
    expect(await refusalOf(new Blob(["just some text, no header"]))).toContain("header");
  });
});

describe("shapesOf", () => {
  it("reads names and shapes off a safetensors header", async () => {
    const file = safetensors('{"__metadata__":{"format":"pt"},"a":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]}}');
    expect(await shapesOf(file)).toEqual({ a: [2, 3] });
  });
  it.each(["{", "[]", '{"a":3}', '{"a":{"shape":["x"]}}'])("gives none for %s", async (header) => {
    expect(await shapesOf(safetensors(header))).toBeNull();
  });
  it("gives none for another file", async () => {
    expect(await shapesOf(new Blob(["PK\u0003\u0004 and more bytes"]))).toBeNull();
  });
});
