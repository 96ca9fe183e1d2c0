// Queries and mutations of projects.
import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { api, idempotencyKey, unwrap } from "@/api/client";
import type { Project } from "@/api/model";

export const projectKeys = {
  list: () => ["projects"] as const,
};

export const projectsQuery = queryOptions({
  queryKey: projectKeys.list(),
  queryFn: async ({ signal }): Promise<Project[]> => {
    const page = await unwrap(api.GET("/api/v1/projects", { params: { query: { limit: 500 } }, signal }));
    return page.items;
  },
  staleTime: 60_000,
});

export function useCreateProject() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (name: string) =>
      unwrap(
        api.POST("/api/v1/projects", { params: { header: { "Idempotency-Key": idempotencyKey() } }, body: { name } }),
      ),
    onSuccess: () => queries.invalidateQueries({ queryKey: projectKeys.list() }),
  });
}
