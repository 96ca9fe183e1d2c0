// Search and order of the list of priors.
import type { ListQuery } from "@/api/model";
import { order } from "@/ui/listChoices";
import type { ListChoice } from "@/ui/ListBar";
import { type ListSearch, listSearch, valuesOf } from "@/ui/listSearch";

export type PriorSearch = ListSearch<"sort">;

export const PRIOR_CHOICES: readonly ListChoice<"sort">[] = [order(["-size", "Largest first"], ["size", "Smallest first"])];

export function validatePriors(search: Record<string, unknown>): PriorSearch {
  return listSearch(search, valuesOf(PRIOR_CHOICES));
}

/** Return the parameters of the request. */
export function priorQueryOf({ q, sort }: PriorSearch): ListQuery<"priors-list"> {
  return { q, sort: sort as ListQuery<"priors-list">["sort"] };
}
