// What the dashboard asks the service about audits.
import { infiniteQueryOptions, queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { api, idempotencyKey, unwrap } from "@/api/client";
import type { Audit, AuditRequest, AuditState, Drift, Estimate, EstimateRequest, IdentityOutcome, Job, Page, PriorSamples, Result } from "@/api/model";
import { everyPage } from "@/api/pages";
import { ApiError } from "@/api/problem";
import { readAudit, readJob, readResult } from "@/api/read";

const FINISHED: readonly AuditState[] = ["succeeded", "failed", "cancelled"];

export function isFinished(audit: Pick<Audit, "state">): boolean {
  return FINISHED.includes(audit.state);
}

export const auditKeys = {
  list: (project: string) => ["audits", "list", project] as const,
  one: (id: string) => ["audits", "one", id] as const,
  samples: (id: string) => ["audits", "one", id, "prior-samples"] as const,
};

export function auditsQuery(project: string) {
  return infiniteQueryOptions({
    queryKey: auditKeys.list(project),
    queryFn: async ({ pageParam, signal }): Promise<Page<Audit>> => {
      const page = await unwrap(
        api.GET("/api/v1/projects/{project_id}/audits", {
          params: { path: { project_id: project }, query: { limit: 30, cursor: pageParam ?? undefined } },
          signal,
        }),
      );
      return { ...page, items: page.items.map(readAudit) };
    },
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next_cursor,
    refetchInterval: (query) =>
      query.state.data?.pages.some((page) => page.items.some((audit) => !isFinished(audit))) ? 4000 : false,
  });
}

export function auditQuery(id: string) {
  return queryOptions({
    queryKey: auditKeys.one(id),
    queryFn: async ({ signal }): Promise<Audit> =>
      readAudit(await unwrap(api.GET("/api/v1/audits/{audit_id}", { params: { path: { audit_id: id } }, signal }))),
    refetchInterval: (query) => (query.state.data && !isFinished(query.state.data) ? 15_000 : false),
  });
}

export function jobsQuery(id: string) {
  return queryOptions({
    queryKey: [...auditKeys.one(id), "jobs"],
    queryFn: async ({ signal }): Promise<Job[]> => {
      const page = await unwrap(
        api.GET("/api/v1/audits/{audit_id}/jobs", { params: { path: { audit_id: id } }, signal }),
      );
      return page.items.map(readJob);
    },
  });
}

/** The newest measurement of the prior in training; null before the first. */
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

export function resultQuery(id: string, enabled: boolean) {
  return queryOptions({
    queryKey: [...auditKeys.one(id), "result"],
    queryFn: async ({ signal }): Promise<Result> =>
      readResult(await unwrap(api.GET("/api/v1/audits/{audit_id}/result", { params: { path: { audit_id: id } }, signal }))),
    enabled,
    staleTime: Infinity,
  });
}

export function identitiesQuery(id: string, enabled: boolean) {
  return queryOptions({
    queryKey: [...auditKeys.one(id), "identities"],
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

/** What a replay gave beside its original. */
export function driftQuery(replay: string) {
  return queryOptions({
    queryKey: [...auditKeys.one(replay), "drift"],
    queryFn: ({ signal }): Promise<Drift> =>
      unwrap(api.GET("/api/v1/audits/{audit_id}/drift", { params: { path: { audit_id: replay } }, signal })),
    staleTime: Infinity,
  });
}

export function estimateQuery(project: string, request: EstimateRequest | null) {
  return queryOptions({
    queryKey: ["audits", "estimate", project, request],
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
