// The order of identities by exposure.
import type { IdentityOutcome } from "@/api/model";

export const LINE_UP_STEP = 12;

/**
 * Return the order of the service: strongest likeness first, then those without one in the order
 * of the classes.
 */
export function byExposure(identities: readonly IdentityOutcome[]): IdentityOutcome[] {
  const before = (a: IdentityOutcome, b: IdentityOutcome) => {
    if (a.rank_exposed && b.rank_exposed) return a.rank_exposed - b.rank_exposed;
    return (b.strength ?? -Infinity) - (a.strength ?? -Infinity) || a.identity - b.identity;
  };
  return [...identities].sort(before);
}

/** Return whether `byExposure` has likenesses to sort by. */
export function isRanked(identities: readonly IdentityOutcome[]): boolean {
  return identities.some(({ strength }) => strength !== null);
}

/**
 * Return whether somebody was recognised, in words. The evaluator counts where no verifier judged.
 * `yes` is null where nothing was compared.
 */
export function outcome({ verified, evaluator_top1: evaluator }: Pick<IdentityOutcome, "verified" | "evaluator_top1">): { yes: boolean | null; words: string } {
  if (verified !== null) return { yes: verified, words: verified ? "recognised" : "not recognised" };
  if (evaluator !== null) return { yes: evaluator, words: `${evaluator ? "recognised" : "not recognised"} by evaluator` };
  return { yes: null, words: "not compared" };
}

export function shownIdentities(asked: number | undefined, all: number): number {
  return Math.min(all, asked ?? LINE_UP_STEP);
}
