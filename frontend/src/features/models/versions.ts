// Default versions of releases.
import type { Release } from "@/api/model";
import { numbered } from "@/features/uploads/numbered";

/**
 * Return the first digits of the digest, numbered where a release of that version was rejected.
 */
export function versionOf(sha256: string, target: string, releases: readonly Release[]): string {
  const refused = releases.filter((one) => one.target_name === target && one.state === "refused");
  return numbered(
    sha256.slice(0, 12),
    refused.map((one) => one.version),
  );
}
