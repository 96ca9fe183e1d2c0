// Two audits, compared by the service, and the audits of one release.
import { queryOptions } from "@tanstack/react-query";
import { api, unwrap } from "@/api/client";
import type { AuditSummary, Comparison } from "@/api/model";
import { everyPage } from "@/api/pages";
import { auditKeys } from "@/features/audits/queries";

export function comparisonQuery(first: string, second: string) {
  return queryOptions({
    queryKey: auditKeys.comparison(first, second),
    queryFn: ({ signal }): Promise<Comparison> =>
      unwrap(
        api.GET("/api/v1/audits/{audit_id}/comparison/{other_id}", { params: { path: { audit_id: first, other_id: second } }, signal }),
      ),
    staleTime: Infinity,
  });
}

/** The finished audits of a release, newest first. */
export function releaseAuditsQuery(project: string, release: string) {
  return queryOptions({
    queryKey: auditKeys.ofRelease(project, release),
    queryFn: ({ signal }): Promise<AuditSummary[]> =>
      everyPage((cursor) =>
        unwrap(
          api.GET("/api/v1/projects/{project_id}/audits", {
            params: { path: { project_id: project }, query: { limit: 100, cursor, release_id: release, state: ["succeeded"] } },
            signal,
          }),
        ),
      ),
  });
}
