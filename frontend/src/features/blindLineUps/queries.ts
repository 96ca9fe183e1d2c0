// Queries and mutations of blind line-ups.
import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { api, idempotencyKey, unwrap } from "@/api/client";
import type { BlindLineUp, BlindLineUpCreate, BlindLineUpResult, LineUpAnswer, LineUpNext, LineUpProgress } from "@/api/model";
import { everyPage } from "@/api/pages";

const keys = {
  all: ["blind-line-ups"] as const,
  list: (audit: string) => [...keys.all, "list", audit] as const,
  one: (id: string) => [...keys.all, "one", id] as const,
  result: (id: string) => [...keys.all, "result", id] as const,
};

export function blindLineUpsQuery(audit: string) {
  return queryOptions({
    queryKey: keys.list(audit),
    queryFn: ({ signal }): Promise<BlindLineUp[]> =>
      everyPage((cursor) =>
        unwrap(api.GET("/api/v1/audits/{audit_id}/blind-line-ups", { params: { path: { audit_id: audit }, query: { limit: 100, cursor } }, signal })),
      ),
  });
}

export function blindLineUpQuery(id: string) {
  return queryOptions({
    queryKey: keys.one(id),
    queryFn: ({ signal }): Promise<BlindLineUp> =>
      unwrap(api.GET("/api/v1/blind-line-ups/{line_up_id}", { params: { path: { line_up_id: id } }, signal })),
  });
}

/** Reading the results ends the possibility of a review, so it is never done without being asked. */
export function blindLineUpResultQuery(id: string, enabled: boolean) {
  return queryOptions({
    queryKey: keys.result(id),
    queryFn: ({ signal }): Promise<BlindLineUpResult> =>
      unwrap(api.GET("/api/v1/blind-line-ups/{line_up_id}/results", { params: { path: { line_up_id: id } }, signal })),
    enabled,
  });
}

/** Return a function that loads everything about blind line-ups again. */
export function useReload(): () => Promise<void> {
  const queries = useQueryClient();
  return () => queries.invalidateQueries({ queryKey: keys.all });
}

export function useMakeBlindLineUp(audit: string) {
  const reload = useReload();
  return useMutation({
    mutationFn: (body: BlindLineUpCreate): Promise<BlindLineUp> =>
      unwrap(
        api.POST("/api/v1/audits/{audit_id}/blind-line-ups", {
          params: { path: { audit_id: audit }, header: { "Idempotency-Key": idempotencyKey() } },
          body,
        }),
      ),
    onSuccess: reload,
  });
}

export function useBeginReview(id: string) {
  return useMutation({
    mutationFn: (purpose: string): Promise<LineUpProgress> =>
      unwrap(api.POST("/api/v1/blind-line-ups/{line_up_id}/reviews", { params: { path: { line_up_id: id } }, body: { purpose } })),
  });
}

export function useNextItem(id: string) {
  return useMutation({
    gcTime: 0, // pictures are not kept
    mutationFn: (): Promise<LineUpNext> =>
      unwrap(api.POST("/api/v1/blind-line-ups/{line_up_id}/next", { params: { path: { line_up_id: id } } })),
  });
}

export function useAnswer(id: string) {
  return useMutation({
    mutationFn: (body: LineUpAnswer): Promise<LineUpProgress> =>
      unwrap(
        api.POST("/api/v1/blind-line-ups/{line_up_id}/answers", {
          params: { path: { line_up_id: id }, header: { "Idempotency-Key": idempotencyKey() } },
          body,
        }),
      ),
  });
}
