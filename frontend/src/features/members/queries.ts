// Queries and mutations of organisations, their members and invitations.
import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { api, idempotencyKey, unwrap } from "@/api/client";
import type { Invitation, InvitationAccept, InvitationCreate, Member, NewInvitation, Organisation, Page, Role } from "@/api/model";
import { everyPage, searchedQuery } from "@/api/pages";
import { invitationQueryOf, memberQueryOf, type MemberSearch } from "@/features/members/list";

export const memberKeys = {
  organisations: () => ["organisations"] as const,
  members: (organisation: string) => ["organisations", organisation, "members"] as const,
  searchedMembers: (organisation: string, search: MemberSearch) => ["organisations", organisation, "members", "searched", search] as const,
  invitations: (organisation: string) => ["organisations", organisation, "invitations"] as const,
  searchedInvitations: (organisation: string, search: MemberSearch) => ["organisations", organisation, "invitations", "searched", search] as const,
};

export const organisationsQuery = queryOptions({
  queryKey: memberKeys.organisations(),
  queryFn: ({ signal }): Promise<Organisation[]> =>
    everyPage((cursor) => unwrap(api.GET("/api/v1/organisations", { params: { query: { limit: 100, cursor } }, signal }))),
  staleTime: 60_000,
});

/** The members that match a search, page by page. */
export function searchedMembersQuery(organisation: string, search: MemberSearch) {
  return searchedQuery({
    key: memberKeys.searchedMembers(organisation, search),
    read: (cursor, signal): Promise<Page<Member>> =>
      unwrap(api.GET("/api/v1/organisations/{organisation_id}/members", { params: { path: { organisation_id: organisation }, query: { limit: 50, cursor, ...memberQueryOf(search) } }, signal })),
  });
}

/** The invitations that match a search, page by page. */
export function searchedInvitationsQuery(organisation: string, search: MemberSearch) {
  return searchedQuery({
    key: memberKeys.searchedInvitations(organisation, search),
    read: (cursor, signal): Promise<Page<Invitation>> =>
      unwrap(api.GET("/api/v1/organisations/{organisation_id}/invitations", { params: { path: { organisation_id: organisation }, query: { limit: 50, cursor, ...invitationQueryOf(search) } }, signal })),
    // While a first attempt to send one is under way.
    poll: { every: 4000, while: ({ mail_next_at, mail_problem }) => mail_next_at !== null && mail_problem === null },
  });
}

export function useChangeRole(organisation: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ id, role }: { id: string; role: Role }): Promise<Member> =>
      unwrap(api.PATCH("/api/v1/members/{member_id}", { params: { path: { member_id: id } }, body: { role } })),
    onSettled: () => queries.invalidateQueries({ queryKey: memberKeys.members(organisation) }),
  });
}

export function useRemoveMember(organisation: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => unwrap(api.DELETE("/api/v1/members/{member_id}", { params: { path: { member_id: id } } })),
    onSuccess: () => queries.invalidateQueries({ queryKey: memberKeys.members(organisation) }),
  });
}

export function useInvite(organisation: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: InvitationCreate): Promise<NewInvitation> =>
      unwrap(
        api.POST("/api/v1/organisations/{organisation_id}/invitations", {
          params: { path: { organisation_id: organisation }, header: { "Idempotency-Key": idempotencyKey() } },
          body,
        }),
      ),
    onSuccess: () => queries.invalidateQueries({ queryKey: memberKeys.invitations(organisation) }),
  });
}

export function useRevokeInvitation(organisation: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => unwrap(api.DELETE("/api/v1/invitations/{invitation_id}", { params: { path: { invitation_id: id } } })),
    onSuccess: () => queries.invalidateQueries({ queryKey: memberKeys.invitations(organisation) }),
  });
}

export function useAcceptInvitation() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: InvitationAccept) => unwrap(api.POST("/api/v1/invitations/accept", { body })),
    onSuccess: () => queries.removeQueries(),
    meta: { signingIn: true },
  });
}
