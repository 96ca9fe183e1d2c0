// Queries of the audit log of a project.
import { queryOptions } from "@tanstack/react-query";
import { api, unwrap } from "@/api/client";
import type { LogEntry, LogVerification, Page } from "@/api/model";
import { searchedQuery } from "@/api/pages";
import { logQueryOf, type LogSearch } from "@/features/log/list";

export const logKeys = {
  list: (project: string, search: LogSearch) => ["log", project, "searched", search] as const,
  verification: (project: string) => ["log", project, "verification"] as const,
};

export function logQuery(project: string, search: LogSearch) {
  return searchedQuery({
    key: logKeys.list(project, search),
    read: (cursor, signal): Promise<Page<LogEntry>> =>
      unwrap(
        api.GET("/api/v1/projects/{project_id}/audit-log", { params: { path: { project_id: project }, query: { limit: 50, cursor, ...logQueryOf(search) } }, signal }),
      ),
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
