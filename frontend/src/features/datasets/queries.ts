// Queries and mutations of data sets.
import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { api, idempotencyKey, unwrap } from "@/api/client";
import type { DataRole, Dataset, DatasetInFull, Page } from "@/api/model";
import { everyPage, searchedQuery } from "@/api/pages";
import { datasetQueryOf, type DatasetSearch } from "@/features/datasets/list";

export const datasetKeys = {
  list: (project: string) => ["datasets", project] as const,
  awaiting: (project: string) => ["datasets", project, "awaiting"] as const,
  searched: (project: string, search: DatasetSearch) => ["datasets", project, "searched", search] as const,
  one: (id: string) => ["datasets", "one", id] as const,
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

/** The data sets that wait for a file, and those whose file was rejected. */
export function awaitingDatasetsQuery(project: string) {
  return queryOptions({
    queryKey: datasetKeys.awaiting(project),
    queryFn: ({ signal }): Promise<Dataset[]> =>
      everyPage((cursor) =>
        unwrap(
          api.GET("/api/v1/projects/{project_id}/datasets", {
            params: { path: { project_id: project }, query: { limit: 100, cursor, state: ["awaiting_upload", "refused"] } },
            signal,
          }),
        ),
      ),
  });
}

/** The data sets that match a search, page by page. */
export function searchedDatasetsQuery(project: string, search: DatasetSearch) {
  return searchedQuery({
    key: datasetKeys.searched(project, search),
    read: (cursor, signal): Promise<Page<Dataset>> =>
      unwrap(api.GET("/api/v1/projects/{project_id}/datasets", { params: { path: { project_id: project }, query: { limit: 50, cursor, ...datasetQueryOf(search) } }, signal })),
    poll: { every: 2000, while: ({ state }) => state === "checking" },
  });
}

/** A data set with the names of its identities, read again while its checks run. */
export function datasetQuery(id: string) {
  return queryOptions({
    queryKey: datasetKeys.one(id),
    queryFn: ({ signal }): Promise<DatasetInFull> => unwrap(api.GET("/api/v1/datasets/{dataset_id}", { params: { path: { dataset_id: id } }, signal })),
    refetchInterval: (query) => (query.state.data?.state === "checking" ? 2000 : false),
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
