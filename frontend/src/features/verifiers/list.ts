// Search, filters and order of the list of uploaded verifiers.
import type { IntakeState, ListQuery } from "@/api/model";
import { BY_NAME, INTAKE, order, formSearch } from "@/ui/listChoices";
import type { ListChoice } from "@/ui/ListBar";
import type { ListSearch } from "@/ui/listSearch";

type Name = "state" | "sort";
export type VerifierSearch = ListSearch<Name>;

export const VERIFIER_CHOICES: readonly ListChoice<Name>[] = [INTAKE, order(...BY_NAME)];

export const validateVerifiers = formSearch(VERIFIER_CHOICES);

/** Return the parameters of the request. */
export function verifierQueryOf({ q, state, sort }: VerifierSearch): ListQuery<"verifiers-list"> {
  return { q, state: state === undefined ? undefined : [state as IntakeState], sort: sort as ListQuery<"verifiers-list">["sort"] };
}
