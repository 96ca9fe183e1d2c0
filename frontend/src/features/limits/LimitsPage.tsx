// The limits of a project, and what it uses of them.
import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { PageProblem } from "@/app/PageError";
import { type LimitRow, limitRows } from "@/features/limits/rows";
import { limitsQuery } from "@/features/limits/queries";
import { Who } from "@/features/log/Who";
import { share as percent } from "@/format/numbers";
import type { Column } from "@/ui/column";
import { CommandLine } from "@/ui/Copy";
import { DataTable } from "@/ui/DataTable";
import { Loading, Page } from "@/ui/Page";

const COLUMNS: Column<LimitRow>[] = [
  { id: "limit", header: "Limit", rowHeader: true, className: "font-medium", cell: ({ words }) => words },
  { id: "used", header: "Used", align: "end", className: "whitespace-nowrap", cell: ({ used }) => used },
  {
    id: "allowed",
    header: "Allowed",
    align: "end",
    className: "whitespace-nowrap",
    cell: ({ limit, own }) => (
      <>
        {limit}
        {own && <span className="text-ink-3"> (of this project)</span>}
      </>
    ),
  },
  { id: "share", header: "Share", align: "end", cell: ({ share }) => <Share of={share} /> },
  { id: "beyond", header: "Beyond it", className: "text-ink-2", cell: ({ beyond }) => beyond },
];

export function LimitsPage() {
  const { projectId } = useParams({ from: "/signed-in/projects/$projectId/limits" });
  const limits = useQuery(limitsQuery(projectId));
  if (limits.isError && !limits.data) return <PageProblem error={limits.error} what="project" />;
  const setBy = limits.data?.set_by;
  return (
    <Page
      title="Limits"
      lead="What this project may use, and what it uses now or has used this month. The operator of the installation changes the limits."
    >
      {limits.isPending && <Loading what="limits" />}
      {limits.data && (
        <>
          <DataTable caption="Limits of this project" columns={COLUMNS} rows={limitRows(limits.data)} rowKey={({ name }) => name} width="min-w-[46rem]" />
          {setBy && (
            <p className="text-ink-3 mt-3 text-sm">
              Limits of this project were set by <Who actor={setBy} />.
            </p>
          )}
          <div className="mt-6 max-w-xl space-y-4">
            <CommandLine command={`exhume project limits --project ${projectId}`} />
            <CommandLine label="To change a limit, on the machine of the service" command={`exhume project limits --project ${projectId} --set running_jobs=10`} />
          </div>
        </>
      )}
    </Page>
  );
}

/** The used share as a number and a bar. */
function Share({ of: value }: { of: number | null }) {
  if (value === null) return "–";
  return (
    <span className="inline-flex items-center justify-end gap-2">
      {percent(value)}
      <svg viewBox="0 0 64 6" width="64" height="6" aria-hidden="true">
        <rect width="64" height="6" rx="1" className="fill-line" />
        <rect width={64 * value} height="6" rx="1" className="fill-ink-2" />
      </svg>
    </span>
  );
}
