// The estimate of a new audit, and the mutation that starts it.
import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { api, unwrap } from "@/api/client";
import type { AuditRequest, Estimate, EstimateRequest } from "@/api/model";
import { auditKeys } from "@/features/audits/queries";

export function estimateQuery(project: string, request: EstimateRequest | null) {
  return queryOptions({
    queryKey: auditKeys.estimate(project, request),
    queryFn: async ({ signal }): Promise<Estimate | null> => {
      if (request === null) return null;
      return unwrap(
        api.POST("/api/v1/projects/{project_id}/audits/estimate", {
          params: { path: { project_id: project } },
          body: request,
          signal,
        }),
      );
    },
    enabled: request !== null,
    retry: false,
    staleTime: 60_000,
  });
}

export function useStartAudit(project: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ request, key }: { request: AuditRequest; key: string }) =>
      unwrap(
        api.POST("/api/v1/projects/{project_id}/audits", {
          params: { path: { project_id: project }, header: { "Idempotency-Key": key } },
          body: request,
        }),
      ),
    onSuccess: () => queries.invalidateQueries({ queryKey: auditKeys.list(project) }),
  });
}
