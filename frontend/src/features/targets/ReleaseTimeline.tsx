// The releases of a target on a timeline, as a plot and as a table.
import { Link } from "@tanstack/react-router";
import { useRef } from "react";
import type { Regression, StoredDecision } from "@/api/model";
import { ReleaseLink } from "@/features/models/release/ReleaseLink";
import { useRegressions } from "@/features/targets/queries";
import { type Change, changeOf, onlyPoint, standing, timelinePoints, type TimelineRow, timelineTable } from "@/features/targets/timeline";
import { share, span } from "@/format/numbers";
import { Figure } from "@/plots/Figure";
import { IntervalMark } from "@/plots/IntervalMark";
import { RiskTimeline } from "@/plots/RiskTimeline";
import type { Column } from "@/ui/column";
import { Digest } from "@/ui/Copy";
import { DataTable } from "@/ui/DataTable";
import { GateMark } from "@/ui/GateMark";
import { Term } from "@/ui/Term";
import { VerdictMark } from "@/ui/VerdictMark";
import { When } from "@/ui/When";

const columns = (regressions: ReadonlyMap<string, Regression>): Column<TimelineRow>[] => [
  { id: "release", header: "Release", rowHeader: true, className: "font-medium whitespace-nowrap", cell: ({ release }) => <ReleaseLink release={release}>{release.version}</ReleaseLink> },
  {
    id: "verdict",
    header: "Verdict",
    cell: ({ audit }) =>
      audit?.verdict ? (
        <Link to="/audits/$auditId" params={{ auditId: audit.id }} className="rounded-sm underline-offset-4 hover:underline">
          <VerdictMark verdict={audit.verdict} />
        </Link>
      ) : (
        "–"
      ),
  },
  { id: "gate", header: "Gate", cell: ({ decision }) => (decision ? <GateOutcome decision={decision} /> : "–") },
  {
    id: "risk",
    header: <Term name="risk">R</Term>,
    align: "end",
    className: "font-medium",
    span: ({ audit }) => (audit?.risk == null ? { columns: 3 } : {}), // risk, interval and mark
    cell: (row) => (row.audit?.risk == null ? <p className="text-ink-2 text-left font-normal">{standing(row)}</p> : share(row.audit.risk)),
  },
  {
    id: "interval",
    header: <Term name="interval">95 % interval</Term>,
    className: "text-ink-2 whitespace-nowrap",
    cell: ({ audit }) => audit && span({ low: audit.risk_low, high: audit.risk_high }),
  },
  {
    id: "mark",
    header: <Term name="budget">Budget</Term>,
    cell: ({ audit }) =>
      audit?.risk != null && (
        <IntervalMark value={audit.risk} low={audit.risk_low} high={audit.risk_high} budget={audit.plan.budget} verdict={audit.verdict} />
      ),
  },
  {
    id: "change",
    header: "Against the release before",
    className: "whitespace-nowrap",
    cell: ({ audit }) => <AgainstBefore change={audit && changeOf(regressions.get(audit.id))} />,
  },
  { id: "digest", header: "SHA-256", cell: ({ release }) => (release.sha256 ? <Digest digest={release.sha256} /> : "–") },
  { id: "added", header: "Added", align: "end", className: "text-ink-2", cell: ({ release }) => <When at={release.created_at} /> },
];

function AgainstBefore({ change }: { change: Change | null }) {
  if (!change) return "–";
  return (
    <>
      <span className={change.worse ? "font-medium" : "text-ink-2"}>{change.words}</span>
      {change.worse && <span className="text-ink-2 block text-sm">exposes more</span>}
    </>
  );
}

function GateOutcome({ decision: { outcome, rules } }: { decision: StoredDecision }) {
  const waived = rules.filter((rule) => rule.outcome === "waived").length;
  return (
    <>
      <GateMark outcome={outcome} />
      {waived > 0 && <span className="text-ink-2 ml-1.5 text-sm whitespace-nowrap">{waived} waived</span>}
    </>
  );
}

/** Shows what to do about the newest release, if the gate does not pass it. */
function nextStep({ decision }: TimelineRow) {
  return (
    decision?.next_step && (
      <p className="text-ink-2 pl-2 text-sm">
        <span className="text-ink font-medium">Next:</span> {decision.next_step}
      </p>
    )
  );
}

export function ReleaseTimeline({ name, rows }: { name: string; rows: readonly TimelineRow[] }) {
  const svg = useRef<SVGSVGElement>(null);
  const regressions = useRegressions(rows.flatMap(({ audit }) => (audit?.risk == null ? [] : [audit.id])));
  const points = timelinePoints(rows, regressions);
  const audited = points.filter(({ budget }) => budget !== null); // every audit has one
  const measured = audited.filter(({ value }) => value !== null);
  const table = timelineTable(points);
  return (
    <>
      {audited.length === 1 && measured.length === 1 && <p className="max-w-[68ch]">{measured.map(onlyPoint)}</p>}
      {audited.length > 1 && measured.length > 0 && (
        <Figure
          name={`${name}-releases`}
          svgRef={svg}
          table={table}
          tableView={<p className="text-ink-3 text-sm">The table below has the same figures.</p>}
          caption={
            <>
              R of each release with its 95 % interval, oldest on the left. The dashed line is the budget of its audit. A ring is a release without a
              measured risk. A triangle is a release that exposes more than the one before: over the identities of both audits, the 95 % interval of the
              difference in R lies above zero.
            </>
          }
        >
          <RiskTimeline points={points} title={`Risk of the releases of ${name}`} svgRef={svg} />
        </Figure>
      )}
      <DataTable
        caption={`Releases of ${name}, newest first`}
        columns={columns(regressions)}
        rows={rows}
        rowKey={({ release }) => release.id}
        details={(row) => row === rows.find(({ decision }) => decision !== null) && nextStep(row)}
        width="min-w-[66rem]"
        className="mt-6"
      />
    </>
  );
}
