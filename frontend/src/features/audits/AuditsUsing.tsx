// The audits that used a release, a data set or a prior, newest first.
import { infiniteQueryOptions, useInfiniteQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { api, unwrap } from "@/api/client";
import type { AuditSummary, Page } from "@/api/model";
import { rowsOf } from "@/api/pages";
import { AuditTable } from "@/features/audits/AuditTable";
import { auditKeys, isFinished } from "@/features/audits/queries";
import { Button } from "@/ui/Button";
import { ProblemNotice } from "@/ui/Notice";
import { Loading } from "@/ui/Page";

export type Used = { release_id: string } | { dataset_id: string } | { prior_id: string };

export function auditsUsingQuery(project: string, used: Used) {
  return infiniteQueryOptions({
    queryKey: auditKeys.using(project, Object.values(used)[0] ?? ""),
    queryFn: ({ pageParam, signal }): Promise<Page<AuditSummary>> =>
      unwrap(
        api.GET("/api/v1/projects/{project_id}/audits", {
          params: { path: { project_id: project }, query: { limit: 30, cursor: pageParam ?? undefined, ...used } },
          signal,
        }),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next_cursor,
    refetchInterval: (query) => (rowsOf(query.state.data).some((audit) => !isFinished(audit)) ? 4000 : false),
  });
}

interface Props {
  projectId: string;
  used: Used;
  caption: string;
  /** Shown where there are none. */
  none: ReactNode;
}

export function AuditsUsing({ projectId, used, caption, none }: Props) {
  const audits = useInfiniteQuery(auditsUsingQuery(projectId, used));
  if (audits.isError && !audits.data) return <ProblemNotice error={audits.error} title="The audits could not be loaded" />;
  if (audits.isPending) return <Loading what="audits" />;
  const rows = rowsOf(audits.data);
  if (rows.length === 0) return <p className="text-ink-2 max-w-[68ch] text-sm">{none}</p>;
  return (
    <>
      <AuditTable caption={caption} rows={rows} />
      {audits.hasNextPage && (
        <Button className="mt-4" onClick={() => void audits.fetchNextPage()} disabled={audits.isFetchingNextPage}>
          {audits.isFetchingNextPage ? "Loading …" : "Show older audits"}
        </Button>
      )}
    </>
  );
}
