// The query of the limits of a project.
import { queryOptions } from "@tanstack/react-query";
import { api, unwrap } from "@/api/client";
import type { ProjectLimits } from "@/api/model";

export const limitKeys = {
  ofProject: (project: string) => ["limits", project] as const,
};

export function limitsQuery(project: string) {
  return queryOptions({
    queryKey: limitKeys.ofProject(project),
    queryFn: ({ signal }): Promise<ProjectLimits> => unwrap(api.GET("/api/v1/projects/{project_id}/limits", { params: { path: { project_id: project } }, signal })),
    refetchInterval: 15_000,
  });
}
