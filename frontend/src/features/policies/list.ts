// Search and order of the list of policies.
import type { ListQuery } from "@/api/model";
import { BY_NAME, order, formSearch } from "@/ui/listChoices";
import type { ListChoice } from "@/ui/ListBar";
import type { ListSearch } from "@/ui/listSearch";

export type PolicySearch = ListSearch<"sort">;

export const POLICY_CHOICES: readonly ListChoice<"sort">[] = [order(...BY_NAME)];

export const validatePolicies = formSearch(POLICY_CHOICES);

/** Return the parameters of the request. */
export function policyQueryOf({ q, sort }: PolicySearch): ListQuery<"policies-list"> {
  return { q, sort: sort as ListQuery<"policies-list">["sort"] };
}
