// Search, filters and order of the sources of a target.
import type { ListQuery } from "@/api/model";
import { ACTIVE, BY_NAME, flag, order } from "@/ui/listChoices";
import type { ListChoice } from "@/ui/ListBar";
import { type ListSearch, listSearch, valuesOf } from "@/ui/listSearch";

type Name = "active" | "sort";
export type SourceSearch = ListSearch<Name>;

export const SOURCE_CHOICES: readonly ListChoice<Name>[] = [ACTIVE, order(...BY_NAME)];

const values = valuesOf(SOURCE_CHOICES);

/** They begin with their name in the address of the page of a target. */
export function validateTarget(search: Record<string, unknown>) {
  return listSearch(search, { sources: "text", sourceActive: values.active, sourceSort: values.sort });
}

/** Return the parameters of the request. */
export function sourceQueryOf({ q, active, sort }: SourceSearch): ListQuery<"sources-list"> {
  return { q, active: flag(active), sort: sort as ListQuery<"sources-list">["sort"] };
}
