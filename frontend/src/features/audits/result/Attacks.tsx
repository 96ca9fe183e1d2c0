// What each attack of a portfolio found alone, and how many identities it added.
import type { AttackReading, Result } from "@/api/model";
import { figureColumns } from "@/features/audits/figureColumns";
import { Measured } from "@/features/audits/Measured";
import { count, duration } from "@/format/numbers";
import type { Column } from "@/ui/column";
import { DataTable } from "@/ui/DataTable";

export function Attacks({ result }: { result: Result }) {
  if (result.attacks.length < 2) return null;
  const pathOf = (one: AttackReading) => `attacks.${result.attacks.indexOf(one)}`;
  const columns: Column<AttackReading>[] = [
    { id: "attack", header: "Attack", rowHeader: true, cell: ({ label }) => label },
    { id: "verified", header: "Recognised", align: "end", cell: (one) => (one.verified ? <Measured id={`${pathOf(one)}.verified`} figure={one.verified} /> : "–") },
    ...figureColumns<AttackReading>(({ risk }) => risk, "R alone"),
    { id: "added", header: "Added", align: "end", cell: ({ added }) => (added === null ? "–" : count(added)) },
    { id: "time", header: "Time", align: "end", className: "whitespace-nowrap", cell: ({ minutes }) => duration(60 * minutes) },
  ];
  return (
    <div className="mt-6">
      <DataTable
        caption="Attacks of the portfolio"
        columns={columns}
        rows={result.attacks}
        rowKey={({ label }) => label}
        rowProps={(one) => ({ "data-figure": one.risk ? `${pathOf(one)}.risk` : undefined })}
        width="max-w-4xl min-w-[38rem]"
      />
      <p className="text-ink-3 mt-1 text-xs">Added: recognised by this attack and by none above it.</p>
    </div>
  );
}
