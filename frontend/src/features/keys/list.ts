// Search, filters and order of the list of API keys.
import type { ListQuery } from "@/api/model";
import { BY_NAME, flag, order } from "@/ui/listChoices";
import type { ListChoice } from "@/ui/ListBar";
import { type ListSearch, listSearch, valuesOf } from "@/ui/listSearch";

type Name = "revoked" | "sort";
export type KeySearch = ListSearch<Name>;

export const KEY_CHOICES: readonly ListChoice<Name>[] = [
  {
    name: "revoked",
    label: "State",
    options: [
      ["", "Any"],
      ["false", "Not revoked"],
      ["true", "Revoked"],
    ],
  },
  order(...BY_NAME, ["-last_used_at", "Last used first"], ["expires_at", "Expiring first"]),
];

export function validateKeys(search: Record<string, unknown>): KeySearch {
  return listSearch(search, valuesOf(KEY_CHOICES));
}

/** Return the parameters of the request. */
export function keyQueryOf({ q, revoked, sort }: KeySearch): ListQuery<"keys-list"> {
  return { q, revoked: flag(revoked), sort: sort as ListQuery<"keys-list">["sort"] };
}
