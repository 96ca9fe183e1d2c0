import { describe, expect, it } from "vitest";
import { EXAMPLE, parseDescription } from "@/features/models/description";

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
