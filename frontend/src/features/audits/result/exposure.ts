// Which identities are most exposed, and by how much they clear the threshold: figures of the service, in one order.
import type { IdentityOutcome } from "@/api/model";

export const LINE_UP_STEP = 12;

/** Standard deviations by which it is more like its identity than images made for others; null where not measured. */
export function strength(identity: IdentityOutcome): number | null {
  const { strength: measured } = identity.details;
  return typeof measured === "number" ? measured : null;
}

/** Similarity minus threshold, both of the deciding verifier; at or above zero it counts, if the rank is 1. */
export function margin({ similarity, threshold }: IdentityOutcome): number | null {
  return similarity === null || threshold === null ? null : similarity - threshold;
}

/** The service's own order: strongest likeness first. Those without one follow in the order of the classes. */
export function byExposure(identities: readonly IdentityOutcome[]): IdentityOutcome[] {
  const before = (a: IdentityOutcome, b: IdentityOutcome) => {
    if (a.rank_exposed && b.rank_exposed) return a.rank_exposed - b.rank_exposed;
    return (strength(b) ?? -Infinity) - (strength(a) ?? -Infinity) || a.identity - b.identity;
  };
  return [...identities].sort(before);
}

/** Whether `byExposure` says anything of exposure. */
export function isRanked(identities: readonly IdentityOutcome[]): boolean {
  return identities.some((identity) => strength(identity) !== null);
}

export function shownIdentities(asked: number | undefined, all: number): number {
  return Math.min(all, asked ?? LINE_UP_STEP);
}
