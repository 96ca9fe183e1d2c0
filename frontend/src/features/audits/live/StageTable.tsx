// The table of stages: state, shards done, estimated and actual time, workers.
import { Link } from "@tanstack/react-router";
import { duration, progress } from "@/format/numbers";
import type { StageView } from "@/features/audits/live/stageViews";
import { STAGE_WORDS } from "@/features/audits/stages";
import type { Column } from "@/ui/column";
import { DataTable } from "@/ui/DataTable";
import { ProgressMark, progressWord } from "@/ui/VerdictMark";
import { When } from "@/ui/When";

const SHOWN = 3; // workers of a stage that are named

const COLUMNS: Column<StageView>[] = [
  {
    id: "stage",
    header: "Stage",
    rowHeader: true,
    cell: ({ stage }) => (
      <>
        <span className="font-medium">{STAGE_WORDS[stage].name}</span>
        <span className="text-ink-3 max-xl:hidden"> {STAGE_WORDS[stage].does}</span>
      </>
    ),
  },
  { id: "state", header: "State", className: "whitespace-nowrap", cell: (view) => <ProgressMark state={view.state} words={stateWords(view)} /> },
  { id: "done", header: "Done", cell: (view) => <Done view={view} /> },
  { id: "estimate", header: "Estimate", align: "end", className: "text-ink-3 whitespace-nowrap", cell: ({ estimate }) => duration(estimate) },
  { id: "actual", header: "Actual", align: "end", className: "whitespace-nowrap", cell: ({ actual }) => duration(actual) },
  {
    id: "workers",
    header: "Worker",
    className: "text-ink-2 text-xs",
    cell: ({ workers }) => <Workers workers={workers} />,
  },
];

export function StageTable({ views }: { views: readonly StageView[] }) {
  return <DataTable caption="Stages of this audit" columns={COLUMNS} rows={views} rowKey={({ stage }) => stage} width="min-w-[44rem]" />;
}

/** Shows each worker by the name that it has on the page of the installation, and since when it works. */
function Workers({ workers }: { workers: StageView["workers"] }) {
  return workers.slice(0, SHOWN).map(({ name, since }) => (
    <span key={name} className="block">
      <Link to="/system" hash={name} className="font-mono break-all underline-offset-2 hover:underline">
        {name}
      </Link>
      {since && (
        <span className="text-ink-3 whitespace-nowrap">
          {" "}
          started <When at={since} />
        </span>
      )}
    </span>
  )).concat(workers.length > SHOWN ? <span key="more">and {workers.length - SHOWN} more</span> : []);
}

function stateWords(view: StageView): string {
  const word = progressWord(view.state);
  return view.attempts > 1 && view.state !== "succeeded" ? `${word}, attempt ${view.attempts}` : word;
}

function Done({ view }: { view: StageView }) {
  if (view.done === 0 && view.state !== "running") return null;
  return (
    <span className="flex items-center gap-2 whitespace-nowrap">
      <svg viewBox="0 0 64 4" width="64" height="4" aria-hidden="true">
        <rect width="64" height="4" rx="2" className="fill-line" />
        <rect width={64 * view.done} height="4" rx="2" className={view.state === "running" ? "fill-accent" : "fill-ink-3"} />
      </svg>
      <span className="text-ink-2 text-xs">
        {progress(view.done)}
        {view.shards > 1 && ` · ${view.shardsDone} of ${view.shards} shards`}
      </span>
    </span>
  );
}
