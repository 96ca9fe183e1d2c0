// Every rule of a decision, with its figures, its reason and the waivers that cover it.
import type { RuleReading, WaiverShown } from "@/api/model";
import { joined } from "@/format/numbers";
import type { Column } from "@/ui/column";
import { DataTable } from "@/ui/DataTable";
import { RuleMark } from "@/ui/GateMark";
import { When } from "@/ui/When";

const COLUMNS: Column<RuleReading>[] = [
  {
    id: "rule",
    header: "Rule",
    rowHeader: true,
    className: "whitespace-nowrap",
    cell: ({ id, title }) => (
      <>
        <span className="font-medium">{title}</span> <code className="text-ink-3 ml-1 font-mono text-xs">{id}</code>
      </>
    ),
  },
  { id: "outcome", header: "Outcome", cell: ({ outcome }) => <RuleMark outcome={outcome} /> },
  { id: "reason", header: "Reason", className: "min-w-64", cell: ({ reason }) => joined(reason) },
  {
    id: "figures",
    header: "Figures",
    className: "text-ink-2 figures text-sm",
    cell: ({ figures }) =>
      figures.length === 0 ? (
        "–"
      ) : (
        <ul className="space-y-0.5">
          {figures.map(({ label, text }) => (
            <li key={label}>
              {label}: {joined(text)}
            </li>
          ))}
        </ul>
      ),
  },
];

export function RuleTable({ rules }: { rules: readonly RuleReading[] }) {
  return (
    <DataTable
      caption="Rules of the policy"
      columns={COLUMNS}
      rows={rules}
      rowKey={({ id }) => id}
      details={({ waivers }) => waivers.length > 0 && <Waivers waivers={waivers} />}
      width="min-w-[44rem]"
    />
  );
}

export function Waivers({ waivers }: { waivers: readonly WaiverShown[] }) {
  return (
    <ul className="text-ink-2 space-y-1 pl-2 text-sm">
      {waivers.map((waiver) => (
        <li key={waiver.id}>
          Waived{waiver.finding ? ` for ${waiver.finding}` : ""}: “{waiver.reason}” Asked by {waiver.asked_by}, approved by {waiver.approved_by}. Ends{" "}
          {waiver.until_next_release ? "with the next release, at the latest " : ""}
          <When at={waiver.expires_at} />.
        </li>
      ))}
    </ul>
  );
}
