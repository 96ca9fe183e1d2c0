// How many identities a data set names, in words.
import type { Dataset } from "@/api/model";
import { count } from "@/format/numbers";

/** Return the count, or that a set has no names. A dash stands for a set that is not ready. */
export function identityCount({ state, identity_count }: Pick<Dataset, "state" | "identity_count">): string {
  return state === "ready" && identity_count === null ? "without names" : count(identity_count);
}
