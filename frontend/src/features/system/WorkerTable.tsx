// The table of workers: what each computes on, what its device is doing, and which jobs it runs.
import type { SystemOverview } from "@/api/model";
import { STAGE_WORDS } from "@/features/audits/stages";
import { bytes, share } from "@/format/numbers";
import type { Column } from "@/ui/column";
import { DataTable } from "@/ui/DataTable";
import { ProgressMark } from "@/ui/VerdictMark";
import { When } from "@/ui/When";

export type Worker = SystemOverview["workers"][number];

const COLUMNS: Column<Worker>[] = [
  { id: "worker", header: "Worker", rowHeader: true, className: "font-mono text-xs", cell: ({ name }) => name },
  { id: "state", header: "State", cell: (worker) => <State worker={worker} /> },
  { id: "device", header: "Device", className: "text-ink-2", cell: (worker) => <OnDevice worker={worker} /> },
  { id: "running", header: "Runs now", className: "text-ink-2", cell: ({ running = [] }) => running.map(jobWords).join(", ") || "–" },
  { id: "started", header: "Started", align: "end", className: "text-ink-2", cell: (worker) => <When at={worker.started_at} /> },
  { id: "seen", header: "Last active", align: "end", className: "text-ink-2", cell: (worker) => <When at={worker.seen_at} /> },
];

export function WorkerTable({ workers }: { workers: readonly Worker[] }) {
  return (
    <DataTable
      caption="Workers"
      columns={COLUMNS}
      rows={workers}
      rowKey={({ name }) => name}
      empty="No worker was active in the last hour."
      width="min-w-[56rem]"
    />
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
