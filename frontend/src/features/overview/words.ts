// Words for what needs a person.
import type { Need, OverviewRelease, OverviewTarget } from "@/api/model";
import { plural } from "@/format/numbers";

const WORDS: Record<Need["kind"], (need: Need) => string> = {
  policy_blocks: ({ name }) => `The policy blocks ${name}`,
  audit_failed: ({ name }) => `The audit of ${name} did not finish`,
  inconclusive: ({ name }) => `The audit of ${name} is inconclusive`,
  never_audited: ({ name }) => `${name} has never been audited`,
  waiver_asked: ({ name }) => `A waiver for ${name} waits for approval`,
  schedule_failing: ({ name }) => `The schedule ${name} fails`,
  source_failing: ({ name }) => `The source ${name} fails`,
  pictures_deleted_soon: ({ count }) => `The pictures of ${plural(count, "audit")} are deleted within 7 days`,
};

/** Return a sentence without a full stop. */
export function needWords(need: Need): string {
  return WORDS[need.kind](need);
}

/** Return what is known about the newest release of a target without a verdict. */
export function standing(release: OverviewRelease | undefined): string {
  if (!release) return "No releases yet.";
  if (release.state === "checking") return "Its file is being checked.";
  if (release.state !== "ready") return "Not ready for an audit.";
  switch (release.last_audit?.state) {
    case undefined:
      return "Not audited yet.";
    case "failed":
      return "The audit ended without a result.";
    case "cancelled":
      return "The audit was cancelled.";
    case "succeeded":
      return "No reconstruction could be verified.";
    default:
      return "An audit is running.";
  }
}

/** Return the releases of a target that have a measured risk, oldest first. */
export function trend({ releases }: OverviewTarget): (OverviewRelease & { audit: NonNullable<OverviewRelease["audit"]> & { risk: number } })[] {
  return releases
    .flatMap((release) => (release.audit?.risk == null ? [] : [{ ...release, audit: { ...release.audit, risk: release.audit.risk } }]))
    .toReversed();
}
