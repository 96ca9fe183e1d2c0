// Queries of the audit log of a project.
import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { api, unwrap } from "@/api/client";
import type { LogEntry, LogVerification, Page } from "@/api/model";

export const logKeys = {
  list: (project: string) => ["log", project] as const,
  verification: (project: string) => ["log", project, "verification"] as const,
};

export function logQuery(project: string) {
  return infiniteQueryOptions({
    queryKey: logKeys.list(project),
    queryFn: ({ pageParam, signal }): Promise<Page<LogEntry>> =>
      unwrap(
        api.GET("/api/v1/projects/{project_id}/audit-log", {
          params: { path: { project_id: project }, query: { limit: 50, cursor: pageParam ?? undefined } },
          signal,
        }),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next_cursor,
  });
}

/** Reads the whole chain on the server, so it is asked for by a button only. */
export function verificationQuery(project: string) {
  return queryOptions({
    queryKey: logKeys.verification(project),
    queryFn: ({ signal }): Promise<LogVerification> =>
      unwrap(api.GET("/api/v1/projects/{project_id}/audit-log/verification", { params: { path: { project_id: project } }, signal })),
    enabled: false,
    staleTime: 0,
  });
}
