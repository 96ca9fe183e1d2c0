// Queries about one target: the target itself, its releases and their audits.
import { queryOptions, useQueries } from "@tanstack/react-query";
import { api, unwrap } from "@/api/client";
import type { AuditSummary, Regression, Release, Target } from "@/api/model";
import { everyPage } from "@/api/pages";
import { ApiError } from "@/api/problem";
import { auditKeys, isFinished } from "@/features/audits/queries";

/** How many of the newest releases are compared with the release before. */
const COMPARED = 24;

/** The comparison of an audit with that of the release before. Null where it has none. */
export function regressionQuery(audit: string) {
  return queryOptions({
    queryKey: auditKeys.regression(audit),
    queryFn: async ({ signal }): Promise<Regression | null> => {
      try {
        return await unwrap(api.GET("/api/v1/audits/{audit_id}/regression", { params: { path: { audit_id: audit } }, signal }));
      } catch (error) {
        if (error instanceof ApiError && error.status === 404) return null;
        throw error;
      }
    },
    staleTime: Infinity,
  });
}

/** The comparisons of these audits, by the id of the audit. */
export function useRegressions(audits: readonly string[]): ReadonlyMap<string, Regression> {
  const asked = audits.slice(0, COMPARED);
  const found = useQueries({ queries: asked.map(regressionQuery) });
  return new Map(found.flatMap(({ data }, at) => (data?.difference ? [[asked[at] ?? "", data] as const] : [])));
}

export const targetKeys = {
  one: (id: string) => ["targets", id] as const,
  releases: (id: string) => ["targets", id, "releases"] as const,
  audits: (id: string) => ["targets", id, "audits"] as const,
};

export function targetQuery(id: string) {
  return queryOptions({
    queryKey: targetKeys.one(id),
    queryFn: ({ signal }): Promise<Target> => unwrap(api.GET("/api/v1/targets/{target_id}", { params: { path: { target_id: id } }, signal })),
  });
}

export function targetReleasesQuery(id: string) {
  return queryOptions({
    queryKey: targetKeys.releases(id),
    queryFn: ({ signal }): Promise<Release[]> =>
      everyPage((cursor) =>
        unwrap(api.GET("/api/v1/targets/{target_id}/releases", { params: { path: { target_id: id }, query: { limit: 100, cursor } }, signal })),
      ),
    refetchInterval: (query) => (query.state.data?.some(({ state }) => state === "checking") ? 2000 : false),
  });
}

/** The audits of all releases of a target, newest first. */
export function targetAuditsQuery(project: string, id: string) {
  return queryOptions({
    queryKey: targetKeys.audits(id),
    queryFn: ({ signal }): Promise<AuditSummary[]> =>
      everyPage((cursor) =>
        unwrap(
          api.GET("/api/v1/projects/{project_id}/audits", { params: { path: { project_id: project }, query: { limit: 100, cursor, target_id: id } }, signal }),
        ),
      ),
    refetchInterval: (query) => (query.state.data?.some((audit) => !isFinished(audit)) ? 4000 : false),
  });
}
