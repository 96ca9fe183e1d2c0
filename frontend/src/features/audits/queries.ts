// Queries about audits, and the keys that their answers are kept under.
import { queryOptions } from "@tanstack/react-query";
import { api, unwrap } from "@/api/client";
import type { Audit, AuditState, AuditSummary, EstimateRequest, Page, Result } from "@/api/model";
import { searchedQuery } from "@/api/pages";
import { type AuditListSearch, auditQueryOf } from "@/features/audits/list";

const FINISHED: readonly AuditState[] = ["succeeded", "failed", "cancelled"];

export function isFinished(audit: Pick<Audit, "state">): boolean {
  return FINISHED.includes(audit.state);
}

export const auditKeys = {
  list: (project: string, search: AuditListSearch = {}) => ["audits", "list", project, search] as const,
  ofRelease: (project: string, release: string) => ["audits", "list", project, { release }] as const,
  using: (project: string, id: string) => ["audits", "list", project, { using: id }] as const,
  estimate: (project: string, request: EstimateRequest | null) => ["audits", "estimate", project, request] as const,
  one: (id: string) => ["audits", "one", id] as const,
  jobs: (id: string) => ["audits", "one", id, "jobs"] as const,
  curves: (id: string) => ["audits", "one", id, "curves"] as const,
  queue: (id: string) => ["audits", "one", id, "queue"] as const,
  samples: (id: string) => ["audits", "one", id, "prior-samples"] as const,
  result: (id: string) => ["audits", "one", id, "result"] as const,
  identities: (id: string) => ["audits", "one", id, "identities"] as const,
  identity: (id: string, identity: number) => ["audits", "one", id, "identities", identity] as const,
  comparison: (first: string, second: string) => ["audits", "one", first, "comparison", second] as const,
  regression: (id: string) => ["audits", "one", id, "regression"] as const,
  drift: (id: string) => ["audits", "one", id, "drift"] as const,
};

export function auditsQuery(project: string, search: AuditListSearch = {}) {
  return searchedQuery({
    key: auditKeys.list(project, search),
    read: (cursor, signal): Promise<Page<AuditSummary>> =>
      unwrap(
        api.GET("/api/v1/projects/{project_id}/audits", { params: { path: { project_id: project }, query: { limit: 30, cursor, ...auditQueryOf(search) } }, signal }),
      ),
    poll: { every: 4000, while: (audit) => !isFinished(audit) },
  });
}

export function auditQuery(id: string) {
  return queryOptions({
    queryKey: auditKeys.one(id),
    queryFn: ({ signal }): Promise<Audit> => unwrap(api.GET("/api/v1/audits/{audit_id}", { params: { path: { audit_id: id } }, signal })),
    refetchInterval: (query) => (query.state.data && !isFinished(query.state.data) ? 15_000 : false),
  });
}

export function resultQuery(id: string, enabled: boolean) {
  return queryOptions({
    queryKey: auditKeys.result(id),
    queryFn: ({ signal }): Promise<Result> => unwrap(api.GET("/api/v1/audits/{audit_id}/result", { params: { path: { audit_id: id } }, signal })),
    enabled,
    staleTime: Infinity,
  });
}
