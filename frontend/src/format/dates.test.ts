import { describe, expect, it } from "vitest";
import { exact, relative, secondsBetween } from "@/format/dates";

const now = new Date("2026-11-23T22:30:00Z");
const at = (seconds: number) => new Date(now.getTime() + seconds * 1000).toISOString();

describe("relative", () => {
  it.each([
    [-10, "just now"],
    [-240, "4 min ago"],
    [-3700, "62 min ago"],
    [-7200, "2 h ago"],
    [-3 * 86_400, "3 days ago"],
    [30 * 86_400, "in 30 days"],
    [-200 * 86_400, "7 May 2026"],
  ])("of %d seconds is %s", (seconds, words) => {
    expect(relative(at(seconds), now)).toBe(words);
  });
});

describe("exact", () => {
  it("is in UTC, wherever the reader is", () => {
    expect(exact("2026-11-23T22:30:00+00:00")).toBe("23 Nov 2026, 22:30 UTC");
  });
});

describe("secondsBetween", () => {
  it("runs until now while there is no end, and never backwards", () => {
    expect(secondsBetween(at(-90), null, now)).toBe(90);
    expect(secondsBetween(at(-90), at(-30), now)).toBe(60);
    expect(secondsBetween(at(5), null, now)).toBe(0);
  });
});
