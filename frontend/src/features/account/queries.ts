// Queries and mutations of the signed-in person: account, password, second factor, sessions.
import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { api, unwrap } from "@/api/client";
import type { Me, OpenSession, SecondFactor } from "@/api/model";
import { everyPage } from "@/api/pages";

export const accountKeys = {
  all: ["account"] as const,
  me: () => ["account", "me"] as const,
  sessions: (everybody: boolean) => ["account", "sessions", everybody] as const,
};

export const meQuery = queryOptions({
  queryKey: accountKeys.me(),
  queryFn: ({ signal }): Promise<Me> => unwrap(api.GET("/api/v1/me", { signal })),
});

/** Signed-in browsers: one's own, or those of the whole organisation. */
export function sessionsQuery(everybody: boolean) {
  return queryOptions({
    queryKey: accountKeys.sessions(everybody),
    queryFn: ({ signal }): Promise<OpenSession[]> =>
      everyPage((cursor) => unwrap(api.GET("/api/v1/sessions", { params: { query: { everybody, limit: 100, cursor } }, signal }))),
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
