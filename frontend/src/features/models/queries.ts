// Queries and mutations of targets (lines of models) and their releases (checkpoints).
import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { api, idempotencyKey, unwrap } from "@/api/client";
import type { IntakeState, ListedTarget, Page, Release, ReleaseCreate, ReleaseInFull, Target } from "@/api/model";
import { everyPage, searchedQuery } from "@/api/pages";
import { ApiError } from "@/api/problem";
import { releaseQueryOf, type ReleaseSearch, targetQueryOf, type TargetSearch } from "@/features/models/list";
import { type Asked, preflight } from "@/features/models/preflight";

export const modelKeys = {
  release: (id: string, state: IntakeState) => ["release", id, state] as const,
  page: (id: string) => ["release", id] as const,
  releases: (project: string) => ["releases", project] as const,
  awaiting: (project: string) => ["releases", project, "awaiting"] as const,
  searchedReleases: (project: string, search: ReleaseSearch) => ["releases", project, "searched", search] as const,
  targets: (project: string) => ["targets", project] as const,
  searchedTargets: (project: string, search: TargetSearch) => ["targets", project, "searched", search] as const,
};

const checking = (items: readonly { state: string }[] | undefined) =>
  items?.some((item) => item.state === "checking") ? 2000 : false;

export function releasesQuery(project: string) {
  return queryOptions({
    queryKey: modelKeys.releases(project),
    queryFn: ({ signal }): Promise<Release[]> =>
      everyPage((cursor) =>
        unwrap(
          api.GET("/api/v1/projects/{project_id}/releases", {
            params: { path: { project_id: project }, query: { limit: 100, cursor } },
            signal,
          }),
        ),
      ),
    refetchInterval: (query) => checking(query.state.data),
  });
}

/** The releases that wait for a file, and those whose file was rejected. */
export function awaitingReleasesQuery(project: string) {
  return queryOptions({
    queryKey: modelKeys.awaiting(project),
    queryFn: ({ signal }): Promise<Release[]> =>
      everyPage((cursor) =>
        unwrap(
          api.GET("/api/v1/projects/{project_id}/releases", {
            params: { path: { project_id: project }, query: { limit: 100, cursor, state: ["awaiting_upload", "refused"] } },
            signal,
          }),
        ),
      ),
  });
}

/** The releases that match a search, page by page. */
export function searchedReleasesQuery(project: string, search: ReleaseSearch) {
  return searchedQuery({
    key: modelKeys.searchedReleases(project, search),
    read: (cursor, signal): Promise<Page<Release>> =>
      unwrap(api.GET("/api/v1/projects/{project_id}/releases", { params: { path: { project_id: project }, query: { limit: 50, cursor, ...releaseQueryOf(search) } }, signal })),
    poll: { every: 2000, while: ({ state }) => state === "checking" },
  });
}

/** A release with the names of its classes and the findings of its checks, read again when its state changes. */
export function releaseQuery({ id, state }: Pick<Release, "id" | "state">) {
  return queryOptions({
    queryKey: modelKeys.release(id, state),
    queryFn: ({ signal }): Promise<ReleaseInFull> =>
      unwrap(api.GET("/api/v1/releases/{release_id}", { params: { path: { release_id: id } }, signal })),
  });
}

/** A release on its page, read again while its checks run. */
export function releasePageQuery(id: string) {
  return queryOptions({
    queryKey: modelKeys.page(id),
    queryFn: ({ signal }): Promise<ReleaseInFull> =>
      unwrap(api.GET("/api/v1/releases/{release_id}", { params: { path: { release_id: id } }, signal })),
    refetchInterval: (query) => (query.state.data?.state === "checking" ? 2000 : false),
  });
}

export function targetsQuery(project: string) {
  return queryOptions({
    queryKey: modelKeys.targets(project),
    queryFn: ({ signal }): Promise<Target[]> =>
      everyPage((cursor) =>
        unwrap(
          api.GET("/api/v1/projects/{project_id}/targets", {
            params: { path: { project_id: project }, query: { limit: 100, cursor } },
            signal,
          }),
        ),
      ),
  });
}

/** The targets that match a search, page by page. */
export function searchedTargetsQuery(project: string, search: TargetSearch) {
  return searchedQuery({
    key: modelKeys.searchedTargets(project, search),
    read: (cursor, signal): Promise<Page<ListedTarget>> =>
      unwrap(api.GET("/api/v1/projects/{project_id}/targets", { params: { path: { project_id: project }, query: { limit: 50, cursor, ...targetQueryOf(search) } }, signal })),
    poll: { every: 2000, while: ({ newest_release }) => newest_release?.state === "checking" },
  });
}

/** The preflight of a file, when it is chosen and again before it is sent. */
export function usePreflight() {
  return useMutation({ mutationFn: ({ file, asked }: { file: File; asked: Asked }) => preflight(file, asked) });
}

/** Give the release a file that the project has already. Return false if it must be sent. */
export async function reuse(release: string, sha256: string): Promise<boolean> {
  try {
    await unwrap(api.POST("/api/v1/releases/{release_id}/reuse", { params: { path: { release_id: release } }, body: { sha256 } }));
    return true;
  } catch (error) {
    if (error instanceof ApiError && error.problem.code === "no_such_checkpoint") return false;
    throw error;
  }
}

export interface NewRelease {
  target: { id: string } | { name: string };
  release: ReleaseCreate;
}

/** Create the target if it is new, then the release that the checkpoint is sent to. */
export function useCreateRelease(project: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async ({ target, release }: NewRelease) => {
      const id = "id" in target ? target.id : await createTarget(project, target.name);
      return unwrap(
        api.POST("/api/v1/targets/{target_id}/releases", {
          params: { path: { target_id: id }, header: { "Idempotency-Key": idempotencyKey() } },
          body: release,
        }),
      );
    },
    onSettled: () =>
      Promise.all([
        queries.invalidateQueries({ queryKey: modelKeys.releases(project) }),
        queries.invalidateQueries({ queryKey: modelKeys.targets(project) }),
      ]),
  });
}

async function createTarget(project: string, name: string): Promise<string> {
  const made = await unwrap(
    api.POST("/api/v1/projects/{project_id}/targets", {
      params: { path: { project_id: project }, header: { "Idempotency-Key": idempotencyKey() } },
      body: { name, description: "" },
    }),
  );
  return made.id;
}
