// The audit log of a project, newest first, and the verification of its chain.
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { PageProblem } from "@/app/PageError";
import { LogTable } from "@/features/log/LogTable";
import { logQuery, verificationQuery } from "@/features/log/queries";
import { count, plural } from "@/format/numbers";
import { Button } from "@/ui/Button";
import { Notice, ProblemNotice } from "@/ui/Notice";
import { Loading, Page } from "@/ui/Page";
import { When } from "@/ui/When";

export function LogPage() {
  const { projectId } = useParams({ from: "/signed-in/projects/$projectId/audit-log" });
  const log = useInfiniteQuery(logQuery(projectId));
  const verification = useQuery(verificationQuery(projectId));
  if (log.isError && !log.data) return <PageProblem error={log.error} what="audit log" />;
  const rows = log.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Page
      title="Audit log"
      lead="Who did what in this project. Every entry contains the hash of the one before it, so that a changed or removed entry is found."
      actions={
        <Button onClick={() => void verification.refetch()} disabled={verification.isFetching}>
          {verification.isFetching ? "Verifying …" : "Verify the chain"}
        </Button>
      }
    >
      <div className="mb-6 max-w-2xl empty:hidden">
        {verification.isError && <ProblemNotice error={verification.error} />}
        {verification.data && <Verified {...verification.data} />}
      </div>
      {log.isPending && <Loading what="the audit log" />}
      {log.data && <LogTable projectId={projectId} rows={rows} />}
      <div className="mt-4 flex flex-wrap items-end justify-between gap-4">
        {log.hasNextPage && (
          <Button onClick={() => void log.fetchNextPage()} disabled={log.isFetchingNextPage}>
            {log.isFetchingNextPage ? "Loading …" : "Show older entries"}
          </Button>
        )}
      </div>
    </Page>
  );
}

function Verified({ intact, entries, first_broken, checked_at }: { intact: boolean; entries: number; first_broken: number | null; checked_at: string }) {
  const whole = entries === 1 ? "The only entry is intact" : `All ${plural(entries, "entry", "entries")} follow from each other`;
  return (
    <div role={intact ? "status" : "alert"}>
      <Notice title={intact ? whole : `Entry ${count(first_broken)} does not follow from the one before it`}>
        {intact
          ? "No entry before the newest was changed, removed or inserted. “exhume log checkpoint” writes a signed file that shows later whether the newest ones were cut off. "
          : "It, or one before it, was changed, removed or inserted after it was written. "}
        Checked <When at={checked_at} />.
      </Notice>
    </div>
  );
}
