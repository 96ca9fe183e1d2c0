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

export function shownIdentities(asked: number | undefined, all: number): number {
  return Math.min(all, asked ?? LINE_UP_STEP);
}
