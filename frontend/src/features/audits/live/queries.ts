// Queries and mutations of a running audit: jobs, place in the queue, prior samples, cancelling.
import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { api, idempotencyKey, unwrap } from "@/api/client";
import type { Curve, Job, PriorSamples, QueuePlace } from "@/api/model";
import { ApiError } from "@/api/problem";
import { auditKeys } from "@/features/audits/queries";

export function jobsQuery(id: string) {
  return queryOptions({
    queryKey: auditKeys.jobs(id),
    queryFn: async ({ signal }): Promise<Job[]> => {
      const page = await unwrap(
        api.GET("/api/v1/audits/{audit_id}/jobs", { params: { path: { audit_id: id } }, signal }),
      );
      return page.items;
    },
  });
}

/** The audits ahead of one that waits for a worker. Asked again every ten seconds. */
export function queueQuery(id: string, waits: boolean) {
  return queryOptions({
    queryKey: auditKeys.queue(id),
    queryFn: ({ signal }): Promise<QueuePlace> => unwrap(api.GET("/api/v1/audits/{audit_id}/queue", { params: { path: { audit_id: id } }, signal })),
    enabled: waits,
    refetchInterval: 10_000,
  });
}

/** The curves of the searches. While they run, events with a new point ask for them again. */
export function curvesQuery(id: string, running: boolean) {
  return queryOptions({
    queryKey: auditKeys.curves(id),
    queryFn: async ({ signal }): Promise<Curve[]> =>
      (await unwrap(api.GET("/api/v1/audits/{audit_id}/curves", { params: { path: { audit_id: id } }, signal }))).items,
    staleTime: running ? 0 : Infinity,
  });
}

/** The newest measurement of the prior in training. Null before the first one. */
export function priorSamplesQuery(id: string) {
  return queryOptions({
    queryKey: auditKeys.samples(id),
    queryFn: async ({ signal }): Promise<PriorSamples | null> => {
      const asked = api.GET("/api/v1/audits/{audit_id}/prior-samples", { params: { path: { audit_id: id } }, signal });
      try {
        return await unwrap(asked);
      } catch (error) {
        if (error instanceof ApiError && error.problem.code === "no_prior_samples") return null;
        throw error;
      }
    },
  });
}

export function useCancelAudit(id: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () =>
      unwrap(
        api.POST("/api/v1/audits/{audit_id}/cancel", {
          params: { path: { audit_id: id }, header: { "Idempotency-Key": idempotencyKey() } },
        }),
      ),
    onSuccess: () => queries.invalidateQueries({ queryKey: auditKeys.one(id) }),
  });
}
