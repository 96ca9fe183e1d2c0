// Queries about one target: the target itself, its releases and their audits.
import { queryOptions } from "@tanstack/react-query";
import { api, unwrap } from "@/api/client";
import type { AuditSummary, Release, Target } from "@/api/model";
import { everyPage } from "@/api/pages";
import { isFinished } from "@/features/audits/queries";

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
