// Queries and mutations of policies, their versions, their tests and their assignment.
import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { api, idempotencyKey, unwrap } from "@/api/client";
import type { Page, Policy, PolicyAssigned, PolicyDocument, PolicyTest, PolicyVersion, Target } from "@/api/model";
import { everyPage, searchedQuery } from "@/api/pages";
import { gateKeys } from "@/features/gate/queries";
import { policyQueryOf, type PolicySearch } from "@/features/policies/list";

export const policyKeys = {
  all: ["policies"] as const,
  list: (project: string) => ["policies", "list", project] as const,
  searched: (project: string, search: PolicySearch) => ["policies", "list", project, "searched", search] as const,
  one: (id: string) => ["policies", "one", id] as const,
  versions: (id: string) => ["policies", "one", id, "versions"] as const,
  assigned: (target: string) => ["policies", "of target", target] as const,
};

export function policiesQuery(project: string) {
  return queryOptions({
    queryKey: policyKeys.list(project),
    queryFn: ({ signal }): Promise<Policy[]> =>
      everyPage((cursor) =>
        unwrap(
          api.GET("/api/v1/projects/{project_id}/policies", { params: { path: { project_id: project }, query: { limit: 100, cursor } }, signal }),
        ),
      ),
  });
}

/** The policies that match a search, page by page. */
export function searchedPoliciesQuery(project: string, search: PolicySearch) {
  return searchedQuery({
    key: policyKeys.searched(project, search),
    read: (cursor, signal): Promise<Page<Policy>> =>
      unwrap(api.GET("/api/v1/projects/{project_id}/policies", { params: { path: { project_id: project }, query: { limit: 50, cursor, ...policyQueryOf(search) } }, signal })),
  });
}

export function policyQuery(id: string) {
  return queryOptions({
    queryKey: policyKeys.one(id),
    queryFn: ({ signal }): Promise<Policy> => unwrap(api.GET("/api/v1/policies/{policy_id}", { params: { path: { policy_id: id } }, signal })),
  });
}

export function versionsQuery(id: string) {
  return queryOptions({
    queryKey: policyKeys.versions(id),
    queryFn: ({ signal }): Promise<PolicyVersion[]> =>
      everyPage((cursor) =>
        unwrap(api.GET("/api/v1/policies/{policy_id}/versions", { params: { path: { policy_id: id }, query: { limit: 100, cursor } }, signal })),
      ),
  });
}

/** The policy that applies to a target. */
export function assignedQuery(target: string) {
  return queryOptions({
    queryKey: policyKeys.assigned(target),
    queryFn: ({ signal }): Promise<PolicyAssigned> =>
      unwrap(api.GET("/api/v1/targets/{target_id}/policy", { params: { path: { target_id: target } }, signal })),
  });
}

/** After a change of policies, decisions are made again. */
function useChanged() {
  const queries = useQueryClient();
  return () =>
    Promise.all([queries.invalidateQueries({ queryKey: policyKeys.all }), queries.invalidateQueries({ queryKey: gateKeys.all })]);
}

export function useCreatePolicy(project: string) {
  const changed = useChanged();
  return useMutation({
    mutationFn: (body: { name: string; policy: PolicyDocument }): Promise<Policy> =>
      unwrap(
        api.POST("/api/v1/projects/{project_id}/policies", {
          params: { path: { project_id: project }, header: { "Idempotency-Key": idempotencyKey() } },
          body,
        }),
      ),
    onSuccess: changed,
  });
}

export function useAddVersion(id: string) {
  const changed = useChanged();
  return useMutation({
    mutationFn: (policy: PolicyDocument): Promise<PolicyVersion> =>
      unwrap(
        api.POST("/api/v1/policies/{policy_id}/versions", {
          params: { path: { policy_id: id }, header: { "Idempotency-Key": idempotencyKey() } },
          body: { policy },
        }),
      ),
    onSuccess: changed,
  });
}

/** What a draft would have decided on the last releases. Nothing is stored. */
export function useTestPolicy(project: string) {
  return useMutation({
    mutationFn: (policy: PolicyDocument): Promise<PolicyTest> =>
      unwrap(
        api.POST("/api/v1/projects/{project_id}/policies/test", { params: { path: { project_id: project } }, body: { policy, releases: 10 } }),
      ),
  });
}

/** Make a policy the default of its project, or end that. */
export function useSetDefault(project: string) {
  const changed = useChanged();
  return useMutation({
    mutationFn: (policy_id: string | null): Promise<PolicyAssigned> =>
      unwrap(api.PUT("/api/v1/projects/{project_id}/policy", { params: { path: { project_id: project } }, body: { policy_id } })),
    onSuccess: changed,
  });
}

/** Delete a policy that applies to nothing. */
export function useDeletePolicy(id: string) {
  const changed = useChanged();
  return useMutation({
    mutationFn: (): Promise<unknown> => unwrap(api.DELETE("/api/v1/policies/{policy_id}", { params: { path: { policy_id: id } } })),
    onSuccess: changed,
  });
}

/** Assign a policy to a target. Null: the default of the project applies. */
export function useAssignPolicy(target: Target) {
  const changed = useChanged();
  return useMutation({
    mutationFn: (policy_id: string | null): Promise<PolicyAssigned> =>
      unwrap(api.PUT("/api/v1/targets/{target_id}/policy", { params: { path: { target_id: target.id } }, body: { policy_id } })),
    onSuccess: changed,
  });
}
