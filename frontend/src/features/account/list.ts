// Search, filters and order of the lists of sessions and of personal keys, which share a page.
import type { ListQuery, OpenSession } from "@/api/model";
import { METHODS } from "@/features/account/methods";
import { KEY_CHOICES } from "@/features/keys/list";
import { order } from "@/ui/listChoices";
import type { ListChoice } from "@/ui/ListBar";
import { type ListSearch, listSearch, valuesOf } from "@/ui/listSearch";

type Name = "method" | "sort";
export type SessionSearch = ListSearch<Name>;

export const SESSION_CHOICES: readonly ListChoice<Name>[] = [
  { name: "method", label: "Signed in with", options: [["", "Anything"], ...Object.entries(METHODS)] },
  order(),
];

const session = valuesOf(SESSION_CHOICES);
const key = valuesOf(KEY_CHOICES);

/** In the address of a page, the parameters of its sessions begin with their name. */
export const SESSION_PARAMETERS = { sessions: "text", sessionMethod: session.method, sessionSort: session.sort } as const;

export function validateAccount(search: Record<string, unknown>) {
  return listSearch(search, { ...SESSION_PARAMETERS, keys: "text", keyRevoked: key.revoked, keySort: key.sort });
}

/** Return the parameters of the request for sessions. */
export function sessionQueryOf({ q, method, sort }: SessionSearch): ListQuery<"people-list-sessions"> {
  return { q, method: method as OpenSession["method"] | undefined, sort: sort as ListQuery<"people-list-sessions">["sort"] };
}
