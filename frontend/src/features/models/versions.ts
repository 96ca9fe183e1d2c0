// The version of a release whose file tells none: the start of its digest.
import type { Release } from "@/api/model";

/** A file that was refused may be tried again: its next releases are numbered. */
export function versionOf(sha256: string, target: string, releases: readonly Release[]): string {
  const start = sha256.slice(0, 12);
  const refused = new Set(
    releases.filter((one) => one.target_name === target && one.state === "refused").map((one) => one.version),
  );
  let version = start;
  for (let tried = 2; refused.has(version); tried += 1) version = `${start}-${tried}`;
  return version;
}
