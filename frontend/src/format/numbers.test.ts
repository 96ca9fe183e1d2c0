import { describe, expect, it } from "vitest";
import cases from "../../../tests/unit/kit/shares.json?raw";
import { bytes, count, decimal, decimalSpan, duration, givenShare, interval, joined, plural, points, pointsSpan, progress, roughly, share, shortDigest, signedDecimal, span } from "@/format/numbers";

interface Cases {
  share: [number, string][];
  points: [number, string][];
  interval: [{ value: number; low: number; high: number }, string][];
}

/** The cases that the tests of `app/contract/shares.py` read too, so that both agree. */
const CASES = JSON.parse(cases) as Cases;
const plain = (text: string) => text.replaceAll("\u00a0", " ");

describe("shares as in app/contract/shares.py", () => {
  it.each(CASES.share)("share of %d is %s", (value, text) => {
    expect(plain(share(value))).toBe(text);
  });
  it.each(CASES.points)("a difference of %d is %s", (value, text) => {
    expect(plain(points(value))).toBe(text);
  });
  it.each(CASES.interval)("the interval of %o is %s", (figure, text) => {
    expect(plain(interval(figure))).toBe(text);
  });
  it("never break between number and sign", () => {
    for (const text of [share(0.125), share(0.0001), points(0.1), givenShare(0.05), progress(0.5)]) expect(text).not.toContain(" ");
  });
  it("show a dash for what was not measured, and no interval without both ends", () => {
    for (const nothing of [null, undefined, Number.NaN]) expect([share(nothing), points(nothing), decimal(nothing)]).toEqual(["–", "–", "–"]);
    expect(span({ low: null, high: 0.3 })).toBe("");
    expect(span(null)).toBe("");
    expect(interval({ value: 0.5 })).toBe(share(0.5));
  });
});

describe("intervals of differences and of other numbers", () => {
  it("have signs and one unit", () => {
    expect(plain(pointsSpan({ low: -0.015, high: 0.12 }))).toBe("−1.5 to +12 points");
    expect(plain(pointsSpan({ low: -0.0001, high: 0 }))).toBe("0 to 0 points");
    expect(decimalSpan({ low: 5.1, high: 7 })).toBe("5.100 to 7.000");
  });
});

describe("numbers that are not shares", () => {
  it("have three digits, a real minus and no signed zero", () => {
    expect(decimal(0.0431)).toBe("0.043");
    expect(decimal(-0.0123)).toBe("−0.012");
    expect(decimal(-0.0001)).toBe("0.000");
    expect(signedDecimal(0.27)).toBe("+0.270");
    expect(signedDecimal(-0.05)).toBe("−0.050");
    expect(signedDecimal(0.0001)).toBe("0.000");
  });
});

describe("shares that somebody gave, and progress", () => {
  it("say a budget exactly", () => {
    expect(plain(givenShare(0.05))).toBe("5 %");
    expect(plain(givenShare(0.0025))).toBe("0.25 %");
    expect(plain(givenShare(0.07))).toBe("7 %");
  });
  it("show 100 % only at the end", () => {
    expect(plain(progress(0.996))).toBe("99 %");
    expect(plain(progress(0.29))).toBe("29 %");
    expect(plain(progress(1))).toBe("100 %");
  });
});

describe("counts", () => {
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
  it("are rounded where they are estimated", () => {
    expect([0.2, 51, 89, 90, 780, 5399, 7500].map(roughly)).toEqual(["0 s", "51 s", "89 s", "2 min", "13 min", "90 min", "2.1 h"]);
  });
  it("shorten digests without their scheme", () => {
    expect(shortDigest("sha256:4e07408562bedb8b60ce")).toBe("4e07408562be");
  });
});

it("a number stays on one line with its sign", () => {
  expect(joined("R = 71 %, above the budget of < 5 %.")).toBe("R\u00a0=\u00a071\u00a0%, above the budget of <\u00a05\u00a0%.");
});
