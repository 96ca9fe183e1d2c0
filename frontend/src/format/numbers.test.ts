import { describe, expect, it } from "vitest";
import { budgetPercent, bytes, count, decimal, duration, percent, plural, range, share, shortDigest, signedShare } from "@/format/numbers";

describe("share", () => {
  it("has two digits, and never shows a small risk as none", () => {
    expect(share(0.714)).toBe("0.71");
    expect(share(0)).toBe("0.00");
    expect(share(0.004)).toBe("< 0.01");
    expect(share(1)).toBe("1.00");
  });
  it("shows a dash for what was not measured", () => {
    expect(share(null)).toBe("–");
    expect(share(undefined)).toBe("–");
    expect(share(Number.NaN)).toBe("–");
  });
});

describe("signedShare", () => {
  it("has a sign but no signed zero", () => {
    expect(signedShare(0.27)).toBe("+0.27");
    expect(signedShare(-0.05)).toBe("−0.05");
    expect(signedShare(-0.001)).toBe("0.00");
  });
});

describe("decimal", () => {
  it("has three digits, a real minus and no signed zero", () => {
    expect(decimal(0.0431)).toBe("0.043");
    expect(decimal(-0.0123)).toBe("−0.012");
    expect(decimal(-0.0001)).toBe("0.000");
  });
});

describe("range", () => {
  it("is an interval in words, empty without both ends", () => {
    expect(range({ low: 0.17, high: 0.32 })).toBe("0.17 to 0.32");
    expect(range({ low: 0, high: 0.04 })).toBe("0.00 to 0.04");
    expect(range({ low: null, high: 0.3 })).toBe("");
    expect(range(null)).toBe("");
  });
});

describe("percentages and counts", () => {
  it("keep number and sign together by a space that does not break", () => {
    expect(percent(0.934, 1)).toBe("93.4\u202f%");
    expect(budgetPercent(0.05)).toBe("5\u202f%");
    expect(budgetPercent(0.005)).toBe("0.5\u202f%");
  });
  it("group thousands", () => {
    expect(count(3560)).toBe("3\u202f560");
    expect(count(1234567)).toBe("1\u202f234\u202f567");
    expect(count(12)).toBe("12");
    expect(count(null)).toBe("–");
  });
  it("agree with their noun", () => {
    expect(plural(1, "identity", "identities")).toBe("1 identity");
    expect(plural(30, "identity", "identities")).toBe("30 identities");
  });
});

describe("bytes and durations", () => {
  it("choose a unit", () => {
    expect(bytes(0)).toBe("0 B");
    expect(bytes(1536)).toBe("1.5 KiB");
    expect(bytes(3_412_992)).toBe("3.3 MiB");
    expect(bytes(10 * 2 ** 30)).toBe("10.0 GiB");
  });
  it("say seconds as a person would", () => {
    expect(duration(0.42)).toBe("0.4 s");
    expect(duration(9.97)).toBe("10 s");
    expect(duration(59.7)).toBe("1 min 00 s");
    expect(duration(194)).toBe("3 min 14 s");
    expect(duration(7500)).toBe("2 h 05 min");
    expect(duration(null)).toBe("–");
  });
  it("shorten digests without their scheme", () => {
    expect(shortDigest("sha256:4e07408562bedb8b60ce")).toBe("4e07408562be");
  });
});
