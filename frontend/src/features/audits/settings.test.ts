import { describe, expect, it } from "vitest";
import { attackWords } from "@/features/audits/settings";

describe("attackWords", () => {
  it.each([
    ["gmi lom", "GMI, +LOM"],
    ["decoder baseline and kedmi lomma", "Decoder, Baseline; KEDMI, LOMMA"],
    ["warm-start lom and closed-form lom", "Warm start, +LOM; Closed form, +LOM"],
    ["GMI, +LOM, PCA prior; KEDMI, +LOM, trained prior", "GMI, +LOM, PCA prior; KEDMI, +LOM, trained prior"],
  ])("writes %s as %s", (text, words) => {
    expect(attackWords(text)).toBe(words);
  });
});
