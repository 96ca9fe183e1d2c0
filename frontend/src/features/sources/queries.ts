// Queries and mutations of watched sources and their changes.
import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { api, idempotencyKey, unwrap } from "@/api/client";
import type { NewSource, Page, Source, SourceChange, SourceCreate, SourceUpdate } from "@/api/model";
import { searchedQuery } from "@/api/pages";
import { sourceQueryOf, type SourceSearch } from "@/features/sources/list";

export const sourceKeys = {
  list: (project: string) => ["sources", project] as const,
  ofTarget: (project: string, target: string, search: SourceSearch) => ["sources", project, target, search] as const,
  changes: (id: string) => ["sources", "changes", id] as const,
};

const LATEST = 10;

/** The sources of a target that match a search, page by page. */
export function searchedSourcesQuery(project: string, target: string, search: SourceSearch) {
  return searchedQuery({
    key: sourceKeys.ofTarget(project, target, search),
    read: (cursor, signal): Promise<Page<Source>> =>
      unwrap(
        api.GET("/api/v1/projects/{project_id}/sources", {
          params: { path: { project_id: project }, query: { limit: 50, cursor, target_id: target, ...sourceQueryOf(search) } },
          signal,
        }),
      ),
  });
}

/** The latest revisions of a source, and what came of them. */
export function changesQuery(id: string) {
  return queryOptions({
    queryKey: sourceKeys.changes(id),
    queryFn: async ({ signal }): Promise<SourceChange[]> => {
      const page = await unwrap(
        api.GET("/api/v1/sources/{source_id}/changes", { params: { path: { source_id: id }, query: { limit: LATEST } }, signal }),
      );
      return page.items;
    },
  });
}

export function useCreateSource(project: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: SourceCreate): Promise<NewSource> =>
      unwrap(
        api.POST("/api/v1/projects/{project_id}/sources", {
          params: { path: { project_id: project }, header: { "Idempotency-Key": idempotencyKey() } },
          body,
        }),
      ),
    onSuccess: () => queries.invalidateQueries({ queryKey: sourceKeys.list(project) }),
  });
}

/** Change or delete a source. */
export function useChangeSource({ id, project_id }: Pick<Source, "id" | "project_id">) {
  const queries = useQueryClient();
  const params = { path: { source_id: id } };
  return useMutation({
    mutationFn: (body: SourceUpdate | null): Promise<unknown> =>
      body ? unwrap(api.PATCH("/api/v1/sources/{source_id}", { params, body })) : unwrap(api.DELETE("/api/v1/sources/{source_id}", { params })),
    onSuccess: () => queries.invalidateQueries({ queryKey: sourceKeys.list(project_id) }),
  });
}

export type SourceAction = "check" | "pause" | "resume";

export function useSourceAction({ id, project_id }: Source) {
  const queries = useQueryClient();
  const params = { path: { source_id: id } };
  return useMutation({
    mutationFn: (action: SourceAction): Promise<Source> =>
      unwrap(
        action === "check"
          ? api.POST("/api/v1/sources/{source_id}/check", { params })
          : api.PATCH("/api/v1/sources/{source_id}", { params, body: { active: action === "resume" } }),
      ),
    onSettled: () =>
      Promise.all([
        queries.invalidateQueries({ queryKey: sourceKeys.list(project_id) }),
        queries.invalidateQueries({ queryKey: sourceKeys.changes(id) }),
      ]),
  });
}
