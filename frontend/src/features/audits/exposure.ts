// Which identities are most exposed, and by how much they clear the threshold.
import type { IdentityOutcome, Score } from "@/api/model";

export const LINE_UP_STEP = 12;

/** The verifier whose margin is smallest: the one that decides. Null without verifiers. */
export function decisiveScore(identity: IdentityOutcome): Score | null {
  const margin = (score: Score) => (score.similarity ?? -1) - (score.threshold ?? 0);
  return identity.scores
    .filter((score) => score.kind === "verifier")
    .reduce<Score | null>((least, score) => (least === null || margin(score) < margin(least) ? score : least), null);
}

/** Similarity minus threshold under the decisive verifier; at or above zero it counts, if the rank is 1. */
export function margin(identity: IdentityOutcome): number | null {
  const score = decisiveScore(identity);
  if (score?.similarity === null || score?.similarity === undefined || score.threshold === null) return null;
  return score.similarity - score.threshold;
}

/** The worst rank over the verifiers: all of them must put the identity first. */
export function worstRank(identity: IdentityOutcome): number | null {
  const ranks = identity.scores.filter((score) => score.kind === "verifier").map((score) => score.rank);
  return ranks.length === 0 ? null : Math.max(...ranks);
}

/** Verified first, then by margin or similarity, then by name: the order of harm, stable. */
export function byExposure(identities: readonly IdentityOutcome[]): IdentityOutcome[] {
  const strength = (one: IdentityOutcome) => margin(one) ?? one.similarity ?? -2;
  return [...identities].sort(
    (a, b) =>
      Number(b.verified ?? false) - Number(a.verified ?? false) ||
      strength(b) - strength(a) ||
      a.name.localeCompare(b.name),
  );
}

export function shownIdentities(asked: number | undefined, all: number): number {
  return Math.min(all, asked ?? LINE_UP_STEP);
}
