// Search, filters and order of the lists of members, invitations and sessions, which share a page.
import type { ListQuery, Role } from "@/api/model";
import { SESSION_PARAMETERS } from "@/features/account/list";
import { ROLE_WORDS, ROLES } from "@/features/members/roles";
import { BY_NAME, order } from "@/ui/listChoices";
import type { ListChoice } from "@/ui/ListBar";
import { type ListSearch, listSearch, valuesOf } from "@/ui/listSearch";

type Name = "role" | "sort";
export type MemberSearch = ListSearch<Name>;

const ROLE: ListChoice<"role"> = { name: "role", label: "Role", options: [["", "Any"], ...ROLES.map((role) => [role, ROLE_WORDS[role].name] as const)] };

export const MEMBER_CHOICES: readonly ListChoice<Name>[] = [ROLE, order(...BY_NAME, ["email", "By e-mail"])];
export const INVITATION_CHOICES: readonly ListChoice<Name>[] = [ROLE, order()];

const member = valuesOf(MEMBER_CHOICES);
const invitation = valuesOf(INVITATION_CHOICES);

/** Those of invitations and sessions begin with their name in the address. */
export function validateMembers(search: Record<string, unknown>) {
  return listSearch(search, { ...member, organisation: "text", invitations: "text", invitationRole: invitation.role, invitationSort: invitation.sort, ...SESSION_PARAMETERS });
}

/** Return the parameters of the request for members. */
export function memberQueryOf({ q, role, sort }: MemberSearch): ListQuery<"members-list"> {
  return { q, role: role as Role | undefined, sort: sort as ListQuery<"members-list">["sort"] };
}

/** Return the parameters of the request for invitations. */
export function invitationQueryOf({ q, role, sort }: MemberSearch): ListQuery<"members-list-invitations"> {
  return { q, role: role as Role | undefined, sort: sort as ListQuery<"members-list-invitations">["sort"] };
}
