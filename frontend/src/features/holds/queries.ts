// Queries and mutations of legal holds.
import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { api, idempotencyKey, unwrap } from "@/api/client";
import type { Hold, HoldCreate } from "@/api/model";
import { everyPage } from "@/api/pages";

export const holdKeys = {
  list: (project: string) => ["holds", project] as const,
};

export function holdsQuery(project: string) {
  return queryOptions({
    queryKey: holdKeys.list(project),
    queryFn: ({ signal }): Promise<Hold[]> =>
      everyPage((cursor) =>
        unwrap(api.GET("/api/v1/projects/{project_id}/holds", { params: { path: { project_id: project }, query: { limit: 100, cursor } }, signal })),
      ),
  });
}

export function usePlaceHold(project: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: HoldCreate): Promise<Hold> =>
      unwrap(
        api.POST("/api/v1/projects/{project_id}/holds", {
          params: { path: { project_id: project }, header: { "Idempotency-Key": idempotencyKey() } },
          body,
        }),
      ),
    onSuccess: () => queries.invalidateQueries({ queryKey: holdKeys.list(project) }),
  });
}

export function useReleaseHold(project: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (id: string): Promise<Hold> => unwrap(api.POST("/api/v1/holds/{hold_id}/release", { params: { path: { hold_id: id } } })),
    onSuccess: () => queries.invalidateQueries({ queryKey: holdKeys.list(project) }),
  });
}
