// Queries and mutations of API keys.
import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { api, idempotencyKey, unwrap } from "@/api/client";
import type { ApiKey, KeyCreate, NewApiKey } from "@/api/model";
import { everyPage } from "@/api/pages";

export const apiKeyKeys = {
  list: (project: string) => ["keys", project] as const,
};

export function keysQuery(project: string) {
  return queryOptions({
    queryKey: apiKeyKeys.list(project),
    queryFn: ({ signal }): Promise<ApiKey[]> =>
      everyPage((cursor) =>
        unwrap(
          api.GET("/api/v1/projects/{project_id}/keys", {
            params: { path: { project_id: project }, query: { limit: 100, cursor } },
            signal,
          }),
        ),
      ),
  });
}

export function useCreateKey(project: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: KeyCreate): Promise<NewApiKey> =>
      unwrap(
        api.POST("/api/v1/projects/{project_id}/keys", {
          params: { path: { project_id: project }, header: { "Idempotency-Key": idempotencyKey() } },
          body,
        }),
      ),
    onSuccess: () => queries.invalidateQueries({ queryKey: apiKeyKeys.list(project) }),
  });
}

export function useRevokeKey(project: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (id: string) =>
      unwrap(api.DELETE("/api/v1/keys/{key_id}", { params: { path: { key_id: id } } })),
    onSuccess: () => queries.invalidateQueries({ queryKey: apiKeyKeys.list(project) }),
  });
}
