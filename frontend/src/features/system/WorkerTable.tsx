// The table of workers that were active in the last week.
import type { SystemOverview } from "@/api/model";
import { bytes } from "@/format/numbers";
import type { Column } from "@/ui/column";
import { DataTable } from "@/ui/DataTable";
import { ProgressMark } from "@/ui/VerdictMark";
import { When } from "@/ui/When";

type Worker = SystemOverview["workers"][number];

const COLUMNS: Column<Worker>[] = [
  { id: "worker", header: "Worker", rowHeader: true, className: "font-mono text-xs", cell: ({ name }) => name },
  { id: "state", header: "State", cell: ({ alive }) => <ProgressMark state={alive ? "succeeded" : "cancelled"} words={alive ? "Running" : "Away"} /> },
  { id: "hardware", header: "Hardware", className: "text-ink-2", cell: ({ hardware }) => hardwareWords(hardware) },
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
      empty="No worker was active in the last week."
      width="min-w-[40rem]"
    />
  );
}

/** Return hardware facts as one line, with numbers of bytes in units. */
function hardwareWords(hardware: Record<string, unknown>): string {
  return Object.entries(hardware)
    .flatMap(([name, value]) => {
      if (typeof value === "number" && name.endsWith("_bytes")) return [`${name.replace(/_bytes$/, "").replaceAll("_", " ")} ${bytes(value)}`];
      if (typeof value === "number") return [`${value} ${name.replaceAll("_", " ")}`];
      if (typeof value === "string" && value !== "") return [value];
      return [];
    })
    .join(", ");
}
