// Queries and mutations of data sets.
import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { api, idempotencyKey, unwrap } from "@/api/client";
import type { DataRole, Dataset } from "@/api/model";
import { everyPage } from "@/api/pages";

export const datasetKeys = {
  list: (project: string) => ["datasets", project] as const,
};

export function datasetsQuery(project: string) {
  return queryOptions({
    queryKey: datasetKeys.list(project),
    queryFn: ({ signal }): Promise<Dataset[]> =>
      everyPage((cursor) =>
        unwrap(
          api.GET("/api/v1/projects/{project_id}/datasets", {
            params: { path: { project_id: project }, query: { limit: 100, cursor } },
            signal,
          }),
        ),
      ),
    refetchInterval: (query) => (query.state.data?.some((item) => item.state === "checking") ? 2000 : false),
  });
}

export function useCreateDataset(project: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: { name: string; role: DataRole }) =>
      unwrap(
        api.POST("/api/v1/projects/{project_id}/datasets", {
          params: { path: { project_id: project }, header: { "Idempotency-Key": idempotencyKey() } },
          body,
        }),
      ),
    onSettled: () => queries.invalidateQueries({ queryKey: datasetKeys.list(project) }),
  });
}
