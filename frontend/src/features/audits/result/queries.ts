// Queries and mutations of a finished audit: identities, drift, replay.
import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { api, unwrap } from "@/api/client";
import type { Audit, Drift, IdentityOutcome } from "@/api/model";
import { everyPage } from "@/api/pages";
import { auditKeys } from "@/features/audits/queries";

export function identitiesQuery(id: string, enabled: boolean) {
  return queryOptions({
    queryKey: auditKeys.identities(id),
    queryFn: ({ signal }): Promise<IdentityOutcome[]> =>
      everyPage((cursor) =>
        unwrap(
          api.GET("/api/v1/audits/{audit_id}/identities", {
            params: { path: { audit_id: id }, query: { limit: 500, cursor } },
            signal,
          }),
        ),
      ),
    enabled,
    staleTime: Infinity,
  });
}

/** The difference between a replay and its original. */
export function driftQuery(replay: string) {
  return queryOptions({
    queryKey: auditKeys.drift(replay),
    queryFn: ({ signal }): Promise<Drift> =>
      unwrap(api.GET("/api/v1/audits/{audit_id}/drift", { params: { path: { audit_id: replay } }, signal })),
    staleTime: Infinity,
  });
}

export function useReplayAudit(audit: Pick<Audit, "id" | "project_id">) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (key: string) =>
      unwrap(
        api.POST("/api/v1/audits/{audit_id}/replay", {
          params: { path: { audit_id: audit.id }, header: { "Idempotency-Key": key } },
        }),
      ),
    onSuccess: () => queries.invalidateQueries({ queryKey: auditKeys.list(audit.project_id) }),
  });
}
