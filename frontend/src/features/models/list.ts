// Search, filters and order of the lists of releases and of targets, which share a page.
import type { IntakeState, ListQuery } from "@/api/model";
import { BY_NAME, flag, INTAKE, order, rowsSearch } from "@/ui/listChoices";
import type { ListChoice } from "@/ui/ListBar";
import { type ListSearch, listSearch, valuesOf } from "@/ui/listSearch";

type Name = "state" | "twin" | "sort";
export type ReleaseSearch = ListSearch<Name>;
export type TargetSearch = ListSearch<"sort">;

export const RELEASE_CHOICES: readonly ListChoice<Name>[] = [
  INTAKE,
  {
    name: "twin",
    label: "Twins",
    options: [
      ["", "Shown"],
      ["false", "Hidden"],
      ["true", "Only twins"],
    ],
  },
  order(["target", "By target"], ["-version", "By version, last first"], ["-size", "Largest first"], ["size", "Smallest first"]),
];

export const TARGET_CHOICES: readonly ListChoice<"sort">[] = [order(...BY_NAME)];

const releases = rowsSearch(RELEASE_CHOICES);
const target = valuesOf(TARGET_CHOICES).sort;

/** Those of the targets begin with their name in the address. */
export function validateModels(search: Record<string, unknown>) {
  const { targets, targetSort } = listSearch(search, { targets: "text", targetSort: target });
  return { ...releases(search), ...(targets === undefined ? {} : { targets }), ...(targetSort === undefined ? {} : { targetSort }) };
}

/** Return the parameters of the request for releases. */
export function releaseQueryOf({ q, state, twin, sort }: ReleaseSearch): ListQuery<"releases-list"> {
  return { q, state: state === undefined ? undefined : [state as IntakeState], twin: flag(twin), sort: sort as ListQuery<"releases-list">["sort"] };
}

/** Return the parameters of the request for targets. */
export function targetQueryOf({ q, sort }: TargetSearch): ListQuery<"targets-list"> {
  return { q, sort: sort as ListQuery<"targets-list">["sort"] };
}
