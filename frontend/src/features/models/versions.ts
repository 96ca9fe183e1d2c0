// The version of a release whose file tells none: the start of its digest.
import type { Release } from "@/api/model";
import { numbered } from "@/features/uploads/numbered";

/** A file that was refused may be tried again: its next releases are numbered. */
export function versionOf(sha256: string, target: string, releases: readonly Release[]): string {
  const refused = releases.filter((one) => one.target_name === target && one.state === "refused");
  return numbered(
    sha256.slice(0, 12),
    refused.map((one) => one.version),
  );
}
