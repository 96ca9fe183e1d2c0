// The audit log of a project, newest first, and the verification of its chain.
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { PageProblem } from "@/app/PageError";
import { LOG_CHOICES, type LogSearch, validateLogSearch } from "@/features/log/list";
import { LogTable } from "@/features/log/LogTable";
import { logQuery, verificationQuery } from "@/features/log/queries";
import { count, plural } from "@/format/numbers";
import { Button } from "@/ui/Button";
import { TextInput } from "@/ui/Field";
import { narrows } from "@/ui/listSearch";
import { Notice, ProblemNotice } from "@/ui/Notice";
import { Page } from "@/ui/Page";
import { SearchedList } from "@/ui/SearchedList";
import { When } from "@/ui/When";

export function LogPage() {
  const { projectId } = useParams({ from: "/signed-in/projects/$projectId/audit-log" });
  const search = validateLogSearch(useSearch({ from: "/signed-in/projects/$projectId/audit-log" })); // the router keeps unknown ones
  const navigate = useNavigate({ from: "/projects/$projectId/audit-log" });
  const change = (next: LogSearch) => void navigate({ search: next, replace: true, resetScroll: false });
  const log = useInfiniteQuery(logQuery(projectId, search));
  const verification = useQuery(verificationQuery(projectId));
  if (log.isError && !log.data && !narrows(search)) return <PageProblem error={log.error} what="audit log" />;
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
      <SearchedList
        what="entries"
        list={log}
        values={search}
        choices={LOG_CHOICES}
        onChange={change}
        newestFirst
        empty={<p className="text-ink-3 text-sm">No entries yet.</p>}
        fields={(["from", "to"] as const).map((name) => (
          <label key={name} className="text-ink-3 text-xs">
            {name === "from" ? "From" : "To"}
            <TextInput
              type="date"
              value={search[name] ?? ""}
              onChange={(event) => change({ ...search, [name]: event.target.value || undefined })}
              className="text-ink mt-1 block !w-auto"
            />
          </label>
        ))}
      >
        {(rows) => <LogTable projectId={projectId} rows={rows} />}
      </SearchedList>
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
