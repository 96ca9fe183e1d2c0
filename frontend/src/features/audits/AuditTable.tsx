// The table of audits. Each row is one link.
import { Link } from "@tanstack/react-router";
import type { AuditSummary } from "@/api/model";
import { settingsOf } from "@/features/audits/settings";
import { duration, share, span } from "@/format/numbers";
import { IntervalMark } from "@/plots/IntervalMark";
import { CutText } from "@/ui/CutText";
import type { Column } from "@/ui/column";
import { DataTable } from "@/ui/DataTable";
import { Term } from "@/ui/Term";
import { ProgressMark, VerdictMark } from "@/ui/VerdictMark";
import { When } from "@/ui/When";

const COLUMNS: Column<AuditSummary>[] = [
  {
    id: "verdict",
    header: "Verdict",
    cell: (audit) => (
      <Link to="/audits/$auditId" params={{ auditId: audit.id }} className="rounded-sm after:absolute after:inset-0 after:content-['']">
        {audit.verdict ? <VerdictMark verdict={audit.verdict} /> : <ProgressMark state={audit.state} />}
        <span className="sr-only">, open the audit of {audit.release.target_name}</span>
      </Link>
    ),
  },
  {
    id: "model",
    header: "Model",
    rowHeader: true,
    className: "min-w-40",
    cell: ({ release, risk, risk_low, risk_high }) => (
      <>
        <span className="font-medium">{release.target_name}</span>
        <span className="text-ink-3"> {release.version}</span>
        {/* The columns of the risk are beyond the edge of a phone. */}
        {risk !== null && (
          <span aria-hidden className="text-ink-2 block text-xs whitespace-nowrap sm:hidden">
            {share(risk)} ({span({ low: risk_low, high: risk_high })})
          </span>
        )}
      </>
    ),
  },
  {
    id: "risk",
    header: <Term name="risk">Risk</Term>,
    align: "end",
    className: "font-medium",
    span: ({ risk }) => (risk === null ? { columns: 3 } : {}), // risk, interval and mark
    cell: (audit) =>
      audit.risk === null ? <CutText className="text-ink-2 max-w-80 text-left font-normal">{standing(audit)}</CutText> : share(audit.risk),
  },
  {
    id: "interval",
    header: <Term name="interval">95 % interval</Term>,
    className: "text-ink-2 whitespace-nowrap",
    cell: (audit) => span({ low: audit.risk_low, high: audit.risk_high }),
  },
  {
    id: "mark",
    header: <AxisLabel />,
    cell: ({ risk, risk_low, risk_high, plan, verdict }) =>
      risk !== null && <IntervalMark value={risk} low={risk_low} high={risk_high} budget={plan.budget} verdict={verdict} />,
  },
  { id: "setting", header: "Setting", cell: ({ plan }) => settingsOf(plan) },
  { id: "identities", header: <Term name="identity">Identities</Term>, align: "end", cell: ({ plan }) => plan.identity_count },
  { id: "started", header: "Started", align: "end", className: "text-ink-2", cell: (audit) => <When at={audit.created_at} /> },
];

interface Props {
  caption: string;
  rows: readonly AuditSummary[];
  /** The audits that are compared, by id. Left out where none can be chosen. */
  chosen?: readonly string[];
  onChoose?: (id: string, chosen: boolean) => void;
}

export function AuditTable({ caption, rows, chosen = [], onChoose }: Props) {
  const choice: Column<AuditSummary> = {
    id: "choice",
    header: "Compare",
    cell: ({ id, state, release }) =>
      state === "succeeded" && (
        <label className="relative z-10 -m-2 inline-flex cursor-pointer p-2">
          <span className="sr-only">
            Compare {release.target_name} {release.version}
          </span>
          <input
            type="checkbox"
            checked={chosen.includes(id)}
            disabled={chosen.length === 2 && !chosen.includes(id)}
            onChange={(event) => onChoose?.(id, event.target.checked)}
            className="accent-accent size-4"
          />
        </label>
      ),
  };
  return <DataTable caption={caption} columns={onChoose ? [...COLUMNS, choice] : COLUMNS} rows={rows} rowKey={({ id }) => id} rowProps={() => ({ className: "relative" })} width="min-w-[52rem]" />;
}

function AxisLabel() {
  return (
    <span className="flex w-[132px] justify-between">
      <span>0{"\u00a0"}%</span>
      <span className="sr-only">risk, interval and budget on one axis</span>
      <span>100{"\u00a0"}%</span>
    </span>
  );
}

function standing(audit: AuditSummary): string {
  if (audit.state === "failed") return audit.problem?.detail ?? "Stopped by an error. Open it for details.";
  if (audit.state === "cancelled") return "Cancelled before a verdict.";
  if (audit.state === "succeeded") return audit.sentence?.replace(/^[A-Z]+: /, "") ?? "No reconstruction could be verified. Open it for the reasons.";
  if (audit.state === "cancelling") return "It is being stopped.";
  return `${audit.state === "queued" ? "Waiting" : "Running"}, estimated ${duration(audit.estimate.seconds)} in total`;
}
