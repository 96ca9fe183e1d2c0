// Queries and mutations of organisations, their members and invitations.
import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { api, idempotencyKey, unwrap } from "@/api/client";
import type { Invitation, InvitationAccept, InvitationCreate, Member, NewInvitation, Organisation, Role } from "@/api/model";
import { everyPage } from "@/api/pages";

export const memberKeys = {
  organisations: () => ["organisations"] as const,
  members: (organisation: string) => ["organisations", organisation, "members"] as const,
  invitations: (organisation: string) => ["organisations", organisation, "invitations"] as const,
};

export const organisationsQuery = queryOptions({
  queryKey: memberKeys.organisations(),
  queryFn: ({ signal }): Promise<Organisation[]> =>
    everyPage((cursor) => unwrap(api.GET("/api/v1/organisations", { params: { query: { limit: 100, cursor } }, signal }))),
  staleTime: 60_000,
});

export function membersQuery(organisation: string) {
  return queryOptions({
    queryKey: memberKeys.members(organisation),
    queryFn: ({ signal }): Promise<Member[]> =>
      everyPage((cursor) =>
        unwrap(api.GET("/api/v1/organisations/{organisation_id}/members", { params: { path: { organisation_id: organisation }, query: { limit: 100, cursor } }, signal })),
      ),
  });
}

export function invitationsQuery(organisation: string) {
  return queryOptions({
    queryKey: memberKeys.invitations(organisation),
    queryFn: ({ signal }): Promise<Invitation[]> =>
      everyPage((cursor) =>
        unwrap(api.GET("/api/v1/organisations/{organisation_id}/invitations", { params: { path: { organisation_id: organisation }, query: { limit: 100, cursor } }, signal })),
      ),
    // While a first attempt to send one is under way.
    refetchInterval: (query) => (query.state.data?.some((one) => one.mail_next_at !== null && one.mail_problem === null) ? 4000 : false),
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
