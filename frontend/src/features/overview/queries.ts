// The overview of a project, in one request.
import { queryOptions } from "@tanstack/react-query";
import { api, unwrap } from "@/api/client";
import type { Overview } from "@/api/model";

export const overviewKeys = { one: (project: string) => ["overview", project] as const };

export function overviewQuery(project: string) {
  return queryOptions({
    queryKey: overviewKeys.one(project),
    queryFn: ({ signal }): Promise<Overview> =>
      unwrap(api.GET("/api/v1/projects/{project_id}/overview", { params: { path: { project_id: project } }, signal })),
    refetchInterval: 30_000,
  });
}
