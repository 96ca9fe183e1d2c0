// The session: who is signed in, signing in and out.
import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { api, unwrap } from "@/api/client";
import type { Session } from "@/api/model";

export const sessionKeys = {
  current: () => ["session"] as const,
};

export const sessionQuery = queryOptions({
  queryKey: sessionKeys.current(),
  queryFn: ({ signal }): Promise<Session> => unwrap(api.GET("/api/v1/session", { signal })),
  staleTime: 5 * 60_000,
  retry: false,
});

export type Credentials = { token: string } | { api_key: string } | { email: string; password: string; code?: string };

export function useSignIn() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (credentials: Credentials) => unwrap(api.POST("/api/v1/session", { body: credentials })),
    onSuccess: () => queries.removeQueries(),
    meta: { signingIn: true },
  });
}

export function useSignOut() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () => unwrap(api.DELETE("/api/v1/session", {})),
    onSuccess: () => {
      queries.clear();
      window.location.assign("/sign-in");
    },
  });
}
