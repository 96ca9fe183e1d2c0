// The order of identities by exposure, and their distance to the threshold.
import type { IdentityOutcome } from "@/api/model";

export const LINE_UP_STEP = 12;

/**
 * Return the likeness in standard deviations, compared with images made for others. Null where not
 * measured.
 */
export function strength(identity: IdentityOutcome): number | null {
  const { strength: measured } = identity.details;
  return typeof measured === "number" ? measured : null;
}

/**
 * Return similarity minus threshold of the deciding verifier. It counts from 0 on, if the rank is
 * 1.
 */
export function margin({ similarity, threshold }: IdentityOutcome): number | null {
  return similarity === null || threshold === null ? null : similarity - threshold;
}

/**
 * Return the order of the service: strongest likeness first, then those without one in the order
 * of the classes.
 */
export function byExposure(identities: readonly IdentityOutcome[]): IdentityOutcome[] {
  const before = (a: IdentityOutcome, b: IdentityOutcome) => {
    if (a.rank_exposed && b.rank_exposed) return a.rank_exposed - b.rank_exposed;
    return (strength(b) ?? -Infinity) - (strength(a) ?? -Infinity) || a.identity - b.identity;
  };
  return [...identities].sort(before);
}

/** Return whether `byExposure` has likenesses to sort by. */
export function isRanked(identities: readonly IdentityOutcome[]): boolean {
  return identities.some((identity) => strength(identity) !== null);
}

export function shownIdentities(asked: number | undefined, all: number): number {
  return Math.min(all, asked ?? LINE_UP_STEP);
}
