// The table of workers: what each computes on, what its device is doing, and which jobs it runs.
import { Link } from "@tanstack/react-router";
import type { SystemOverview } from "@/api/model";
import { STAGE_WORDS } from "@/features/audits/stages";
import { bytes, count, share } from "@/format/numbers";
import type { Column } from "@/ui/column";
import { DataTable } from "@/ui/DataTable";
import { ProgressMark } from "@/ui/VerdictMark";
import { When } from "@/ui/When";

export type Worker = SystemOverview["workers"][number];



const COLUMNS: Column<Worker>[] = [
  { id: "worker", header: "Worker", rowHeader: true, className: "font-mono text-xs", cell: ({ name }) => name },
  { id: "state", header: "State", cell: (worker) => <State worker={worker} /> },
  { id: "takes", header: "Takes", className: "text-ink-2", cell: ({ takes = [] }) => takes.join(" and ") || "–" },
  { id: "device", header: "Device", className: "text-ink-2", cell: (worker) => <OnDevice worker={worker} /> },
  { id: "running", header: "Runs now", className: "text-ink-2", cell: ({ running = [] }) => (running.length > 0 ? running.map((job, at) => <Running key={at} job={job} />) : "–") },
  { id: "started", header: "Started", align: "end", className: "text-ink-2", cell: (worker) => <When at={worker.started_at} /> },
  { id: "seen", header: "Last active", align: "end", className: "text-ink-2", cell: (worker) => <When at={worker.seen_at} /> },
];

/** Shows the workers that are alive. Those that ended without signing off are folded away. */
export function WorkerTable({ workers }: { workers: readonly Worker[] }) {
  const gone = workers.filter(({ alive }) => !alive);
  return (
    <>
      <Rows caption="Workers" workers={workers.filter(({ alive }) => alive)} empty="No worker is running." />
      {gone.length > 0 && (
        <details className="mt-4">
          <summary className="text-ink-2 text-sm">Gone in the last hour: {count(gone.length)}</summary>
          <p className="text-ink-3 mt-1 max-w-[68ch] text-sm">
            They ended without signing off, for example because their machine was stopped. Their jobs go to other workers.
          </p>
          <Rows caption="Workers that are gone" workers={gone} />
        </details>
      )}
    </>
  );
}

function Rows({ caption, workers, empty }: { caption: string; workers: readonly Worker[]; empty?: string }) {
  return (
    <DataTable
      caption={caption}
      columns={COLUMNS}
      rows={workers}
      rowKey={({ name }) => name}
      rowProps={({ name }) => ({ "data-worker": name })}
      empty={empty}
      width="min-w-[60rem]"
    />
  );
}

/** Shows a job that a worker runs, with its audit where the reader may see it. */
function Running({ job }: { job: NonNullable<Worker["running"]>[number] }) {
  return (
    <span className="block">
      {job.audit_id ? (
        <Link to="/audits/$auditId" params={{ auditId: job.audit_id }} className="text-ink underline underline-offset-2">
          {jobWords(job)}
        </Link>
      ) : (
        jobWords(job)
      )}
      {job.started_at && (
        <span className="text-ink-3 whitespace-nowrap">
          {" "}
          started <When at={job.started_at} />
        </span>
      )}
    </span>
  );
}

function State({ worker: { alive, problem } }: { worker: Worker }) {
  if (alive && problem) return <ProgressMark state="failed" words="Takes no jobs" />;
  return <ProgressMark state={alive ? "succeeded" : "cancelled"} words={alive ? "Running" : "Away"} />;
}

function OnDevice({ worker: { device, use, problem } }: { worker: Worker }) {
  const why = problem ?? device?.note;
  return (
    <>
      {device ? deviceWords(device) : "–"}
      {use && <span className="block text-xs">{doingWords(use)}</span>}
      {why && <span className="block text-xs">{why}</span>}
    </>
  );
}

/** Return a device in one line: its model, its memory and the software that computes on it. */
function deviceWords({ kind, name, memory_bytes, driver, torch }: NonNullable<Worker["device"]>): string {
  const memory = memory_bytes ? [bytes(memory_bytes)] : [];
  return [name || kind, ...memory, ...(driver ? [`driver ${driver}`] : []), ...(torch ? [`PyTorch ${torch}`] : [])].join(", ");
}

/** Return what a GPU is doing. Figures that its driver does not give are left out. */
function doingWords({ utilisation, memory_used_bytes, temperature }: NonNullable<Worker["use"]>): string {
  const parts = [
    utilisation != null ? `${share(utilisation)} busy` : "",
    memory_used_bytes != null ? `${bytes(memory_used_bytes)} in use` : "",
    temperature != null ? `${Math.round(temperature)} °C` : "",
  ];
  return parts.filter(Boolean).join(", ");
}

function jobWords({ stage, shard, shards }: NonNullable<Worker["running"]>[number]): string {
  const name = stage in STAGE_WORDS ? STAGE_WORDS[stage as keyof typeof STAGE_WORDS].name : stage;
  return shards > 1 ? `${name} ${shard + 1} of ${shards}` : name;
}
