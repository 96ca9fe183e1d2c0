import { describe, expect, it } from "vitest";
import { byExposure, isRanked } from "@/features/audits/result/exposure";
import { identityCsv } from "@/features/audits/result/identityColumns";
import { identities, outcome, result } from "@/testing/fixtures";

describe("exposure", () => {
  it("is measured under the verifier that the service says decides, and nowhere computed again", () => {
    // the other verifier's score is lower: whoever took the lowest, or the worst rank, would say
    // something else
    const shown = { ...outcome(0), verifier: "b", similarity: 0.55, threshold: 0.5, margin: 0.05, rank: 1 };
    const scores = shown.scores.map((score) => ({ ...score, similarity: 0.1, threshold: 0.05, rank: 9 }));
    const { header, body } = identityCsv([{ ...shown, scores }]);
    expect(Object.fromEntries(header.map((name, at) => [name, body[0]?.[at]]))).toMatchObject({ similarity: 0.55, threshold: 0.5, rank: 1, verifier: "b" });
  });
  it("has the order of the named list: by strength, whatever was verified", () => {
    const named = result.named.map(({ identity }) => identity);
    const ordered = byExposure([...identities].reverse()).map(({ identity }) => identity);
    expect(ordered.slice(0, named.length)).toEqual(named);
    const unranked = identities.map((one) => ({ ...one, rank_exposed: null })).reverse();
    expect(byExposure(unranked).map(({ identity }) => identity)).toEqual(ordered);
  });
  it("is no order at all where no strength was measured", () => {
    const bare = identities.map((one) => ({ ...one, rank_exposed: null, strength: null }));
    expect(isRanked(bare)).toBe(false);
    expect(byExposure([...bare].reverse()).map(({ identity }) => identity)).toEqual(bare.map(({ identity }) => identity));
  });
  it("exports one line for each identity", () => {
    const { header, body } = identityCsv(identities);
    expect(body).toHaveLength(30);
    expect(body.every((row) => row.length === header.length)).toBe(true);
  });
});
