import { describe, expect, it } from "vitest";
import { shellWord } from "@/format/shell";

describe("shellWord", () => {
  it("never lets a name break out of its word", () => {
    expect(shellWord("$(rm -rf /)")).toBe("'$(rm -rf /)'");
    expect(shellWord("a;b")).toBe("'a;b'");
    expect(shellWord("")).toBe("''");
  });
});
