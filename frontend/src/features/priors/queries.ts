// Queries about priors that audits made.
import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { api, unwrap } from "@/api/client";
import type { Page, Prior } from "@/api/model";

export const priorKeys = {
  list: (project: string) => ["priors", "list", project] as const,
  one: (id: string) => ["priors", "one", id] as const,
};

export function priorsQuery(project: string) {
  return infiniteQueryOptions({
    queryKey: priorKeys.list(project),
    queryFn: ({ pageParam, signal }): Promise<Page<Prior>> =>
      unwrap(api.GET("/api/v1/projects/{project_id}/priors", { params: { path: { project_id: project }, query: { limit: 50, cursor: pageParam ?? undefined } }, signal })),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next_cursor,
  });
}

export function priorQuery(id: string) {
  return queryOptions({
    queryKey: priorKeys.one(id),
    queryFn: ({ signal }): Promise<Prior> => unwrap(api.GET("/api/v1/priors/{prior_id}", { params: { path: { prior_id: id } }, signal })),
  });
}
