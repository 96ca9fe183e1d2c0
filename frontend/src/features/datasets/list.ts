// Search, filters and order of the list of data sets.
import type { DataRole, IntakeState, ListQuery } from "@/api/model";
import { BY_NAME, INTAKE, order, formSearch } from "@/ui/listChoices";
import type { ListChoice } from "@/ui/ListBar";
import type { ListSearch } from "@/ui/listSearch";

type Name = "role" | "state" | "sort";
export type DatasetSearch = ListSearch<Name>;

export const DATASET_CHOICES: readonly ListChoice<Name>[] = [
  {
    name: "role",
    label: "Role",
    options: [
      ["", "Any"],
      ["public", "Public images"],
      ["private", "Private images"],
      ["gallery", "Gallery"],
    ],
  },
  INTAKE,
  order(...BY_NAME, ["-images", "Most images first"], ["images", "Fewest images first"]),
];

export const validateDatasets = formSearch(DATASET_CHOICES);

/** Return the parameters of the request. */
export function datasetQueryOf({ q, role, state, sort }: DatasetSearch): ListQuery<"datasets-list"> {
  return { q, role: role as DataRole | undefined, state: state === undefined ? undefined : [state as IntakeState], sort: sort as ListQuery<"datasets-list">["sort"] };
}
