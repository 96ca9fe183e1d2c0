// The session: who is signed in, signing in and out.
import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { api, unwrap } from "@/api/client";
import type { Session } from "@/api/model";

export const sessionKeys = {
  current: () => ["session"] as const,
  ways: () => ["session", "ways"] as const,
};

export const sessionQuery = queryOptions({
  queryKey: sessionKeys.current(),
  queryFn: ({ signal }): Promise<Session> => unwrap(api.GET("/api/v1/session", { signal })),
  staleTime: 5 * 60_000,
  retry: false,
});

/** The name of the identity provider. Null if there is none. */
export const providerQuery = queryOptions({
  queryKey: sessionKeys.ways(),
  queryFn: async ({ signal }): Promise<string | null> => (await unwrap(api.GET("/api/v1/session/ways", { signal }))).single_sign_on,
  staleTime: Infinity,
  retry: false, // without an answer, the other ways to sign in are shown
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
