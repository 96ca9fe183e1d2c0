// Queries and mutations of API keys: those of a project, and personal ones.
import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { api, idempotencyKey, unwrap } from "@/api/client";
import type { ApiKey, KeyCreate, NewApiKey, Page } from "@/api/model";
import { everyPage, searchedQuery } from "@/api/pages";
import { keyQueryOf, type KeySearch } from "@/features/keys/list";

/** Whose keys: those of a project by its id, or those of the signed-in person. */
export type KeyOwner = { project: string } | "me";

export const apiKeyKeys = {
  all: ["keys"] as const,
  list: (owner: KeyOwner) => ["keys", owner] as const,
  searched: (project: string, search: KeySearch) => ["keys", { project }, "searched", search] as const,
};

export function keysQuery(owner: KeyOwner) {
  return queryOptions({
    queryKey: apiKeyKeys.list(owner),
    queryFn: ({ signal }): Promise<ApiKey[]> =>
      everyPage((cursor) => {
        const query = { limit: 100, cursor };
        if (owner === "me") return unwrap(api.GET("/api/v1/me/keys", { params: { query }, signal }));
        return unwrap(api.GET("/api/v1/projects/{project_id}/keys", { params: { path: { project_id: owner.project }, query }, signal }));
      }),
  });
}

/** The keys of a project that match a search, page by page. */
export function searchedKeysQuery(project: string, search: KeySearch) {
  return searchedQuery({
    key: apiKeyKeys.searched(project, search),
    read: (cursor, signal): Promise<Page<ApiKey>> =>
      unwrap(api.GET("/api/v1/projects/{project_id}/keys", { params: { path: { project_id: project }, query: { limit: 50, cursor, ...keyQueryOf(search) } }, signal })),
  });
}

export function useCreateKey(owner: KeyOwner) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: KeyCreate): Promise<NewApiKey> => {
      const header = { "Idempotency-Key": idempotencyKey() };
      if (owner === "me") return unwrap(api.POST("/api/v1/me/keys", { params: { header }, body }));
      return unwrap(api.POST("/api/v1/projects/{project_id}/keys", { params: { path: { project_id: owner.project }, header }, body }));
    },
    onSuccess: () => queries.invalidateQueries({ queryKey: apiKeyKeys.list(owner) }),
  });
}

/** Revokes a key. Keys that were made with it are revoked too, so all lists are read again. */
export function useRevokeKey() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => unwrap(api.DELETE("/api/v1/keys/{key_id}", { params: { path: { key_id: id } } })),
    onSuccess: () => queries.invalidateQueries({ queryKey: apiKeyKeys.all }),
  });
}
