// Queries and mutations of API keys: those of a project, and personal ones.
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { api, idempotencyKey, unwrap } from "@/api/client";
import type { ApiKey, KeyCreate, NewApiKey, Page } from "@/api/model";
import { searchedQuery } from "@/api/pages";
import { keyQueryOf, type KeySearch } from "@/features/keys/list";

/** Whose keys: those of a project by its id, or those of the signed-in person. */
export type KeyOwner = { project: string } | "me";

export const apiKeyKeys = {
  all: ["keys"] as const,
  list: (owner: KeyOwner) => ["keys", owner] as const,
  searched: (owner: KeyOwner, search: KeySearch) => ["keys", owner, "searched", search] as const,
};

/** The keys of an owner that match a search, page by page. */
export function searchedKeysQuery(owner: KeyOwner, search: KeySearch) {
  return searchedQuery({
    key: apiKeyKeys.searched(owner, search),
    read: (cursor, signal): Promise<Page<ApiKey>> => {
      const query = { limit: 50, cursor, ...keyQueryOf(search) };
      if (owner === "me") return unwrap(api.GET("/api/v1/me/keys", { params: { query }, signal }));
      return unwrap(api.GET("/api/v1/projects/{project_id}/keys", { params: { path: { project_id: owner.project }, query }, signal }));
    },
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
