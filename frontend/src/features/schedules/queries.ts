// Queries and mutations of schedules and their runs.
import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { api, idempotencyKey, unwrap } from "@/api/client";
import type { Page, Schedule, ScheduleCreate, SchedulePreview, ScheduleRun, ScheduleUpdate } from "@/api/model";
import { everyPage, searchedQuery } from "@/api/pages";
import { scheduleQueryOf, type ScheduleSearch } from "@/features/schedules/list";

export const scheduleKeys = {
  all: (project: string) => ["schedules", project] as const,
  searched: (project: string, search: ScheduleSearch) => ["schedules", project, "searched", search] as const,
  ofTarget: (project: string, target: string) => ["schedules", project, target] as const,
  preview: (id: string, cron: string) => ["schedules", "preview", id, cron] as const,
  draft: (cron: string, timezone: string) => ["schedules", "draft", cron, timezone] as const,
  runs: (id: string) => ["schedules", "runs", id] as const,
};

const LATEST_RUNS = 10;

/** The schedules of a project, or of one of its targets. */
export function schedulesQuery(project: string, target?: string) {
  return queryOptions({
    queryKey: target === undefined ? scheduleKeys.all(project) : scheduleKeys.ofTarget(project, target),
    queryFn: ({ signal }): Promise<Schedule[]> =>
      everyPage((cursor) =>
        unwrap(
          api.GET("/api/v1/projects/{project_id}/schedules", {
            params: { path: { project_id: project }, query: { target_id: target, limit: 100, cursor } },
            signal,
          }),
        ),
      ),
  });
}

/** The schedules that match a search, page by page. */
export function searchedSchedulesQuery(project: string, search: ScheduleSearch) {
  return searchedQuery({
    key: scheduleKeys.searched(project, search),
    read: (cursor, signal): Promise<Page<Schedule>> =>
      unwrap(api.GET("/api/v1/projects/{project_id}/schedules", { params: { path: { project_id: project }, query: { limit: 50, cursor, ...scheduleQueryOf(search) } }, signal })),
  });
}

/** The next five due times of a schedule. */
export function previewQuery({ id, cron, timezone }: Schedule) {
  return queryOptions({
    queryKey: scheduleKeys.preview(id, `${cron} ${timezone}`),
    queryFn: ({ signal }): Promise<SchedulePreview> =>
      unwrap(api.GET("/api/v1/schedules/{schedule_id}/preview", { params: { path: { schedule_id: id } }, signal })),
  });
}

/** The next five due times of a cron expression that is being written. */
export function draftQuery(cron: string, timezone: string) {
  return queryOptions({
    queryKey: scheduleKeys.draft(cron, timezone),
    queryFn: ({ signal }): Promise<SchedulePreview> => unwrap(api.POST("/api/v1/schedule-previews", { body: { cron, timezone }, signal })),
    enabled: cron.trim().length >= 9 && timezone.trim() !== "",
    retry: false,
  });
}

/** The latest runs of a schedule. */
export function runsQuery(id: string) {
  return queryOptions({
    queryKey: scheduleKeys.runs(id),
    queryFn: async ({ signal }): Promise<ScheduleRun[]> => {
      const page = await unwrap(
        api.GET("/api/v1/schedules/{schedule_id}/runs", { params: { path: { schedule_id: id }, query: { limit: LATEST_RUNS } }, signal }),
      );
      return page.items;
    },
    refetchInterval: (query) => (query.state.data?.some(({ state }) => state === "due" || state === "started") ? 4000 : false),
  });
}

export function useCreateSchedule(project: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: ScheduleCreate): Promise<Schedule> =>
      unwrap(
        api.POST("/api/v1/projects/{project_id}/schedules", {
          params: { path: { project_id: project }, header: { "Idempotency-Key": idempotencyKey() } },
          body,
        }),
      ),
    onSuccess: () => queries.invalidateQueries({ queryKey: scheduleKeys.all(project) }),
  });
}

export function useUpdateSchedule(project: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ id, body }: { id: string; body: ScheduleUpdate }): Promise<Schedule> =>
      unwrap(api.PATCH("/api/v1/schedules/{schedule_id}", { params: { path: { schedule_id: id } }, body })),
    onSuccess: () => queries.invalidateQueries({ queryKey: scheduleKeys.all(project) }),
  });
}

export type ScheduleAction = "pause" | "resume" | "run" | "delete";

export function useScheduleAction({ id, project_id }: Schedule) {
  const queries = useQueryClient();
  const params = { path: { schedule_id: id } };
  return useMutation({
    mutationFn: async (action: ScheduleAction): Promise<void> => {
      if (action === "pause") await unwrap(api.POST("/api/v1/schedules/{schedule_id}/pause", { params }));
      else if (action === "resume") await unwrap(api.POST("/api/v1/schedules/{schedule_id}/resume", { params }));
      else if (action === "delete") await unwrap(api.DELETE("/api/v1/schedules/{schedule_id}", { params }));
      else
        await unwrap(
          api.POST("/api/v1/schedules/{schedule_id}/runs", { params: { ...params, header: { "Idempotency-Key": idempotencyKey() } } }),
        );
    },
    onSettled: () =>
      Promise.all([
        queries.invalidateQueries({ queryKey: scheduleKeys.all(project_id) }),
        queries.invalidateQueries({ queryKey: scheduleKeys.runs(id) }),
      ]),
  });
}
