// Queries and mutations of the signed-in person: account, password, second factor, sessions.
import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { api, unwrap } from "@/api/client";
import type { Me, OpenSession, Page, SecondFactor } from "@/api/model";
import { searchedQuery } from "@/api/pages";
import { sessionQueryOf, type SessionSearch } from "@/features/account/list";

export const accountKeys = {
  all: ["account"] as const,
  me: () => ["account", "me"] as const,
  sessions: (everybody: boolean, search: SessionSearch) => ["account", "sessions", everybody, search] as const,
};

export const meQuery = queryOptions({
  queryKey: accountKeys.me(),
  queryFn: ({ signal }): Promise<Me> => unwrap(api.GET("/api/v1/me", { signal })),
});

/** Signed-in browsers that match a search, page by page: one's own, or those of the whole organisation. */
export function searchedSessionsQuery(everybody: boolean, search: SessionSearch) {
  return searchedQuery({
    key: accountKeys.sessions(everybody, search),
    read: (cursor, signal): Promise<Page<OpenSession>> =>
      unwrap(api.GET("/api/v1/sessions", { params: { query: { everybody, limit: 50, cursor, ...sessionQueryOf(search) } }, signal })),
  });
}

export function useEndSession() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => unwrap(api.DELETE("/api/v1/sessions/{session_id}", { params: { path: { session_id: id } } })),
    onSuccess: () => queries.invalidateQueries({ queryKey: accountKeys.all }),
  });
}

export function useChangePassword() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: { current: string | null; new: string }) => unwrap(api.PUT("/api/v1/me/password", { body })),
    onSuccess: () => queries.invalidateQueries({ queryKey: accountKeys.all }),
  });
}

export function useBeginSecondFactor() {
  return useMutation({
    mutationFn: (body: { password: string | null; code: string | null }): Promise<SecondFactor> =>
      unwrap(api.POST("/api/v1/me/second-factor", { body })),
  });
}

export function useConfirmSecondFactor() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (code: string) => unwrap(api.PUT("/api/v1/me/second-factor", { body: { code } })),
    onSuccess: () => queries.invalidateQueries({ queryKey: accountKeys.all }),
  });
}

/** Lets this session act with another membership. What it may see changes with it. */
export function useChooseMembership() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => unwrap(api.PUT("/api/v1/me/membership", { body: { membership_id: id } })),
    onSuccess: () => queries.resetQueries(),
  });
}
