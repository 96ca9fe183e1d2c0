// What a draft would have decided on the last releases, beside what was decided.
import { Link } from "@tanstack/react-router";
import type { PolicyTest, TestedRelease } from "@/api/model";
import { share, span } from "@/format/numbers";
import type { Column } from "@/ui/column";
import { DataTable } from "@/ui/DataTable";
import { GateMark } from "@/ui/GateMark";
import { Notice } from "@/ui/Notice";

const COLUMNS: Column<TestedRelease>[] = [
  {
    id: "release",
    header: "Release",
    rowHeader: true,
    className: "whitespace-nowrap",
    cell: ({ audit_id, decision: { release } }) => (
      <Link to="/audits/$auditId" params={{ auditId: audit_id }} className="text-accent hover:underline">
        {release.target} {release.version}
      </Link>
    ),
  },
  { id: "risk", header: "R", align: "end", className: "whitespace-nowrap", cell: ({ decision: { risk } }) => (risk ? `${share(risk.value)} (${span(risk)})` : "–") },
  { id: "draft", header: "This draft", cell: ({ decision }) => <GateMark outcome={decision.outcome} /> },
  {
    id: "stored",
    header: "Decided so far",
    cell: ({ stored, decision }) =>
      stored ? (
        <>
          <GateMark outcome={stored} />
          {stored !== decision.outcome && <span className="text-ink-2 ml-2 text-sm">changes</span>}
        </>
      ) : (
        "–"
      ),
  },
  { id: "reason", header: "Reason", className: "text-ink-2 min-w-72", cell: ({ decision }) => decision.sentence },
];

export function TestedReleases({ test: { items, cannot_pass } }: { test: PolicyTest }) {
  const changed = items.filter(({ stored, decision }) => stored !== null && stored !== decision.outcome).length;
  return (
    <section aria-label="Test on past releases" className="space-y-3">
      <p role="status" className="text-sm font-medium">
        {items.length === 0 ? "No release has been audited yet." : changed === 0 ? "No decision would change." : `${changed} of ${items.length} decisions would change.`}
      </p>
      {cannot_pass.length > 0 && (
        <Notice title="No release can pass this draft">
          <ul className="list-disc space-y-1 pl-4">
            {cannot_pass.map((why) => (
              <li key={why}>{why}</li>
            ))}
          </ul>
        </Notice>
      )}
      {items.length > 0 && <DataTable caption="Decisions of this draft on past releases" columns={COLUMNS} rows={items} rowKey={({ audit_id }) => audit_id} width="min-w-[52rem]" />}
    </section>
  );
}
