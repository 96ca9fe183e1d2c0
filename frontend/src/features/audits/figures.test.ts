import { describe, expect, it } from "vitest";
import type { Figure } from "@/api/model";
import { figureText } from "@/features/audits/figures";

const plain = (text: string) => text.replaceAll("\u00a0", " ");

describe("figureText", () => {
  const text = (figure: Figure) => Object.values(figureText(figure)).map(plain);
  it("speaks the format of the figure", () => {
    expect(text({ value: 0.125, low: 0.1, high: 0.2, format: "share" })).toEqual(["12.5 %", "10 % to 20 %"]);
    expect(text({ value: 0.27, low: 0.13, high: 0.43, format: "difference" })).toEqual(["+27 points", "+13 to +43 points"]);
    expect(text({ value: 6.04, low: 5.1, high: 7, format: "bits" })).toEqual(["6.040 bits", "5.100 to 7.000"]);
    expect(text({ value: -0.0123, low: -0.04, high: 0.015, format: "number" })).toEqual(["−0.012", "−0.040 to 0.015"]);
  });
});
