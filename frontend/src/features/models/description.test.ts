import { describe, expect, it } from "vitest";
import { EXAMPLE, parseDescription } from "@/features/models/description";

describe("parseDescription", () => {
  it("accepts the example that the form shows", () => {
    expect(parseDescription(JSON.stringify(EXAMPLE))).toMatchObject({ ok: true });
  });
  it("reads what the classes are, and leaves it open where nothing is said", () => {
    const said = parseDescription(JSON.stringify({ ...EXAMPLE, classes_are: "writer" }));
    expect(said).toMatchObject({ ok: true, description: { classes_are: "writer" } });
    const silent = parseDescription(JSON.stringify(EXAMPLE));
    expect(silent.ok && silent.description.classes_are).toBeUndefined();
  });
  it.each([
    ["{", "not valid JSON"],
    ["[]", "object"],
    [JSON.stringify({ ...EXAMPLE, architecture: 3 }), "architecture"],
    [JSON.stringify({ ...EXAMPLE, convention: { height: 32, width: 32, channels: 4 } }), "channels"],
    [JSON.stringify({ ...EXAMPLE, convention: { ...EXAMPLE.convention, mean: [0.5, 0.5] } }), "mean"],
    [JSON.stringify({ ...EXAMPLE, convention: { ...EXAMPLE.convention, channel_order: "L" } }), "channel_order"],
    [JSON.stringify({ ...EXAMPLE, classes: ["one"] }), "classes"],
    [JSON.stringify({ ...EXAMPLE, classes_are: "animal" }), "classes_are"],
  ])("says what is wrong with %s", (text, word) => {
    const parsed = parseDescription(text);
    expect(parsed.ok ? "" : parsed.problem).toContain(word);
  });
});
