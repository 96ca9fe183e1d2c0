// Queries about priors that audits made.
import { queryOptions } from "@tanstack/react-query";
import { api, unwrap } from "@/api/client";
import type { Page, Prior } from "@/api/model";
import { searchedQuery } from "@/api/pages";
import { priorQueryOf, type PriorSearch } from "@/features/priors/list";

export const priorKeys = {
  searched: (project: string, search: PriorSearch) => ["priors", "list", project, search] as const,
  one: (id: string) => ["priors", "one", id] as const,
};

/** The priors that match a search, page by page. */
export function searchedPriorsQuery(project: string, search: PriorSearch) {
  return searchedQuery({
    key: priorKeys.searched(project, search),
    read: (cursor, signal): Promise<Page<Prior>> =>
      unwrap(api.GET("/api/v1/projects/{project_id}/priors", { params: { path: { project_id: project }, query: { limit: 50, cursor, ...priorQueryOf(search) } }, signal })),
  });
}

export function priorQuery(id: string) {
  return queryOptions({
    queryKey: priorKeys.one(id),
    queryFn: ({ signal }): Promise<Prior> => unwrap(api.GET("/api/v1/priors/{prior_id}", { params: { path: { prior_id: id } }, signal })),
  });
}
