// The audits of a project, searched and sorted by the server.
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { rowsOf } from "@/api/pages";
import { PageProblem } from "@/app/PageError";
import { AuditTable } from "@/features/audits/AuditTable";
import { CompareChosen } from "@/features/audits/CompareChosen";
import { AUDIT_CHOICES, auditListCommand, validateAuditList } from "@/features/audits/list";
import { auditsQuery } from "@/features/audits/queries";
import { projectsQuery } from "@/features/projects/queries";
import { buttonClass } from "@/ui/Button";
import { CommandLine } from "@/ui/Copy";
import { Icon } from "@/ui/Icon";
import { narrows } from "@/ui/listSearch";
import { Empty, Page } from "@/ui/Page";
import { SearchedList } from "@/ui/SearchedList";

export function AuditsPage() {
  const { projectId } = useParams({ from: "/signed-in/projects/$projectId/audits" });
  const search = validateAuditList(useSearch({ from: "/signed-in/projects/$projectId/audits" })); // the router keeps unknown ones
  const navigate = useNavigate({ from: "/projects/$projectId/audits" });
  const [chosen, setChosen] = useState<readonly string[]>([]); // audits to compare
  const audits = useInfiniteQuery(auditsQuery(projectId, search));
  const { data: projects } = useQuery(projectsQuery);
  const name = projects?.find((project) => project.id === projectId)?.name ?? "";
  const searched = narrows(search);
  if (audits.isError && !audits.data && !searched) return <PageProblem error={audits.error} what="project" />;
  const start = (
    <Link to="/projects/$projectId/audits/new" params={{ projectId }} className={buttonClass("primary")}>
      <Icon name="plus" /> New audit
    </Link>
  );
  return (
    <Page title="Audits" actions={(rowsOf(audits.data).length > 0 || searched) && start}>
      <SearchedList
        what="audits"
        list={audits}
        values={search}
        choices={AUDIT_CHOICES}
        onChange={(next) => void navigate({ search: next, replace: true, resetScroll: false })}
        newestFirst
        empty={
          <Empty title="No audits yet" action={start}>
            <p>
              An audit attacks a release as somebody with its weights could. It measures how many of the identities in the
              training set are recognised in the reconstructions. It needs a checkpoint and public images. To reach PASS or
              FAIL, it also needs the private images.
            </p>
            <CommandLine command="exhume audit start --release VERSION --public NAME --private NAME --declared-by YOU --rights WHY" />
            <CommandLine label="Or see one on bundled data" command="exhume demo" />
          </Empty>
        }
        aside={
          <>
            {!audits.hasNextPage && <Legend />}
            <CommandLine command={auditListCommand(search)} />
          </>
        }
      >
        {(rows) => {
          const shown = rows.filter(({ id }) => chosen.includes(id)); // a search may have left others out
          const others = (id: string) => shown.map((one) => one.id).filter((one) => one !== id);
          return (
            <>
              <CompareChosen chosen={shown} onClear={() => setChosen([])} />
              <AuditTable
                caption={`Audits of ${name || "this project"}`}
                rows={rows}
                chosen={shown.map(({ id }) => id)}
                onChoose={(id, on) => setChosen([...others(id), ...(on ? [id] : [])])}
              />
            </>
          );
        }}
      </SearchedList>
    </Page>
  );
}

function Legend() {
  return (
    <p className="text-ink-3 flex items-center gap-4 text-xs">
      <span className="flex items-center gap-1.5">
        <svg viewBox="0 0 22 10" width="22" height="10" aria-hidden="true" className="text-ink-2">
          <line x1="0" x2="22" y1="5" y2="5" stroke="currentColor" strokeWidth="3" strokeOpacity="0.45" />
          <circle cx="11" cy="5" r="3.5" fill="currentColor" />
        </svg>
        risk and its 95 % interval
      </span>
      <span className="flex items-center gap-1.5">
        <svg viewBox="0 0 3 14" width="3" height="14" aria-hidden="true">
          <line x1="1.5" x2="1.5" y1="0" y2="14" className="stroke-ink-3" />
        </svg>
        budget
      </span>
    </p>
  );
}
