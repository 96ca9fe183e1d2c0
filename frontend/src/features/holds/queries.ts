// Queries and mutations of legal holds.
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { api, idempotencyKey, unwrap } from "@/api/client";
import type { Hold, HoldCreate, Page } from "@/api/model";
import { searchedQuery } from "@/api/pages";
import { holdQueryOf, type HoldSearch } from "@/features/deletions/list";

export const holdKeys = {
  list: (project: string) => ["holds", project] as const,
  searched: (project: string, search: HoldSearch) => ["holds", project, "searched", search] as const,
};

/** The holds that match a search, page by page. */
export function searchedHoldsQuery(project: string, search: HoldSearch) {
  return searchedQuery({
    key: holdKeys.searched(project, search),
    read: (cursor, signal): Promise<Page<Hold>> =>
      unwrap(api.GET("/api/v1/projects/{project_id}/holds", { params: { path: { project_id: project }, query: { limit: 50, cursor, ...holdQueryOf(search) } }, signal })),
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
