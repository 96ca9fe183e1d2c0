// The workers that have been seen lately, and what they run on.
import type { SystemOverview } from "@/api/model";
import { bytes } from "@/format/numbers";
import { ProgressMark } from "@/ui/VerdictMark";
import { When } from "@/ui/When";

export function WorkerTable({ workers }: { workers: SystemOverview["workers"] }) {
  if (workers.length === 0) return <p className="text-ink-3 text-sm">None has been seen in the last week.</p>;
  return (
    <div className="-mx-2 relative overflow-x-auto px-2">
      <table className="data-table min-w-[40rem]">
        <thead>
          <tr>
            <th scope="col">Worker</th>
            <th scope="col">State</th>
            <th scope="col">Hardware</th>
            <th scope="col" className="number">
              Started
            </th>
            <th scope="col" className="number">
              Last sign of life
            </th>
          </tr>
        </thead>
        <tbody>
          {workers.map((worker) => (
            <tr key={worker.name}>
              <td className="font-mono text-xs">{worker.name}</td>
              <td>
                <ProgressMark state={worker.alive ? "succeeded" : "cancelled"} words={worker.alive ? "Alive" : "Away"} />
              </td>
              <td className="text-ink-2">{hardwareWords(worker.hardware)}</td>
              <td className="number text-ink-2">
                <When at={worker.started_at} />
              </td>
              <td className="number text-ink-2">
                <When at={worker.seen_at} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Free-form hardware facts as a line: numbers of bytes in units, everything else as it is. */
export function hardwareWords(hardware: Record<string, unknown>): string {
  return Object.entries(hardware)
    .flatMap(([name, value]) => {
      if (typeof value === "number" && name.endsWith("_bytes")) return [`${name.replace(/_bytes$/, "").replaceAll("_", " ")} ${bytes(value)}`];
      if (typeof value === "number") return [`${value} ${name.replaceAll("_", " ")}`];
      if (typeof value === "string" && value !== "") return [value];
      return [];
    })
    .join(", ");
}
