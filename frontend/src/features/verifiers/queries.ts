// Queries and mutations of verifiers, and their measured rates.
import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { api, idempotencyKey, unwrap } from "@/api/client";
import type { BundledVerifier, Page, Result, Verifier, VerifierCreate } from "@/api/model";
import { everyPage, searchedQuery } from "@/api/pages";
import { verifierQueryOf, type VerifierSearch } from "@/features/verifiers/list";

export const verifierKeys = {
  list: (project: string) => ["verifiers", project] as const,
  searched: (project: string, search: VerifierSearch) => ["verifiers", project, "searched", search] as const,
  bundled: () => ["verifiers", "bundled"] as const,
};

export function verifiersQuery(project: string) {
  return queryOptions({
    queryKey: verifierKeys.list(project),
    queryFn: ({ signal }): Promise<Verifier[]> =>
      everyPage((cursor) =>
        unwrap(
          api.GET("/api/v1/projects/{project_id}/verifiers", {
            params: { path: { project_id: project }, query: { limit: 100, cursor } },
            signal,
          }),
        ),
      ),
    refetchInterval: (query) => (query.state.data?.some((item) => item.state === "checking") ? 2000 : false),
  });
}

/** The verifiers that match a search, page by page. */
export function searchedVerifiersQuery(project: string, search: VerifierSearch) {
  return searchedQuery({
    key: verifierKeys.searched(project, search),
    read: (cursor, signal): Promise<Page<Verifier>> =>
      unwrap(api.GET("/api/v1/projects/{project_id}/verifiers", { params: { path: { project_id: project }, query: { limit: 50, cursor, ...verifierQueryOf(search) } }, signal })),
    poll: { every: 2000, while: ({ state }) => state === "checking" },
  });
}

export const bundledQuery = queryOptions({
  queryKey: verifierKeys.bundled(),
  queryFn: async ({ signal }): Promise<BundledVerifier[]> => (await unwrap(api.GET("/api/v1/bundled-verifiers", { signal }))).items,
  staleTime: Infinity,
});

export function useCreateVerifier(project: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: VerifierCreate) =>
      unwrap(
        api.POST("/api/v1/projects/{project_id}/verifiers", {
          params: { path: { project_id: project }, header: { "Idempotency-Key": idempotencyKey() } },
          body,
        }),
      ),
    onSettled: () => queries.invalidateQueries({ queryKey: verifierKeys.list(project) }),
  });
}

export interface Measured {
  audit: string;
  verifier: Result["verifiers"][number];
}

const bare = (digest: string | null) => (digest ?? "").replace(/^sha256:/, "");

/**
 * Return the newest measurement of a verifier, from results given newest first. Null without one.
 */
export function measuredIn(results: readonly { audit: string; result: Result | undefined }[], digest: string | null): Measured | null {
  for (const { audit, result } of results) {
    const verifier = result?.verifiers.find((one) => bare(one.digest) === bare(digest));
    if (verifier) return { audit, verifier };
  }
  return null;
}
