// Every target in one row: its newest release with verdict, risk and gate, and the trend.
import { Link } from "@tanstack/react-router";
import type { OverviewTarget } from "@/api/model";
import { standing, trend } from "@/features/overview/words";
import { share, span } from "@/format/numbers";
import { IntervalMark } from "@/plots/IntervalMark";
import { TrendMark } from "@/plots/TrendMark";
import type { Column } from "@/ui/column";
import { DataTable } from "@/ui/DataTable";
import { GateMark } from "@/ui/GateMark";
import { Term } from "@/ui/Term";
import { VerdictMark } from "@/ui/VerdictMark";
import { When } from "@/ui/When";

const newest = ({ releases }: OverviewTarget) => releases[0];

function columns(projectId: string): Column<OverviewTarget>[] {
  return [
    {
      id: "target",
      header: "Target",
      rowHeader: true,
      cell: (target) => (
        <>
          <Link
            to="/projects/$projectId/targets/$targetId"
            params={{ projectId, targetId: target.id }}
            className="rounded-sm font-medium after:absolute after:inset-0 after:content-['']"
          >
            {target.name}
          </Link>
          <span className="text-ink-3"> {newest(target)?.version}</span>
        </>
      ),
    },
    {
      id: "verdict",
      header: "Verdict",
      span: (target) => (newest(target)?.audit?.verdict ? {} : { columns: 4 }), // verdict, risk, interval and mark
      cell: (target) => {
        const release = newest(target);
        return release?.audit?.verdict ? (
          <Link to="/audits/$auditId" params={{ auditId: release.audit.id }} className="relative z-10 rounded-sm underline-offset-4 hover:underline">
            <VerdictMark verdict={release.audit.verdict} />
          </Link>
        ) : (
          <span className="text-ink-2">{standing(release)}</span>
        );
      },
    },
    { id: "risk", header: <Term name="risk">Risk</Term>, align: "end", className: "font-medium", cell: (target) => share(newest(target)?.audit?.risk ?? null) },
    {
      id: "interval",
      header: <Term name="interval">95 % interval</Term>,
      className: "text-ink-2 whitespace-nowrap",
      cell: (target) => span({ low: newest(target)?.audit?.risk_low ?? null, high: newest(target)?.audit?.risk_high ?? null }),
    },
    {
      id: "mark",
      header: (
        <span className="flex w-[132px] justify-between">
          <span>0{"\u00a0"}%</span>
          <span className="sr-only">risk, interval and budget on one axis</span>
          <span>100{"\u00a0"}%</span>
        </span>
      ),
      cell: (target) => {
        const audit = newest(target)?.audit;
        return (
          audit?.risk != null &&
          audit.budget !== null && (
            <IntervalMark value={audit.risk} low={audit.risk_low} high={audit.risk_high} budget={audit.budget} verdict={audit.verdict} />
          )
        );
      },
    },
    {
      id: "trend",
      header: "Trend",
      cell: (target) => {
        const points = trend(target);
        if (points.length === 0) return "–";
        if (points.length === 1) return <span className="text-ink-2 text-sm">one measured so far</span>;
        return (
          <TrendMark
            points={points.map(({ id, version, audit }) => ({ key: id, label: version, value: audit.risk, low: audit.risk_low, high: audit.risk_high, verdict: audit.verdict }))}
            budget={points.at(-1)?.audit.budget ?? null}
          />
        );
      },
    },
    {
      id: "gate",
      header: "Gate",
      className: "whitespace-nowrap",
      cell: (target) => {
        const decision = newest(target)?.decision;
        if (!decision) return "–";
        return (
          <>
            <GateMark outcome={decision.outcome} />
            {decision.regressed && <span className="text-ink-2 block text-xs">riskier than before</span>}
          </>
        );
      },
    },
    {
      id: "audited",
      header: "Audited",
      align: "end",
      className: "text-ink-2",
      cell: (target) => {
        const at = newest(target)?.audit?.finished_at;
        return at ? <When at={at} /> : "–";
      },
    },
  ];
}

export function TargetLines({ projectId, rows }: { projectId: string; rows: readonly OverviewTarget[] }) {
  return (
    <DataTable
      caption="Targets of this project with their newest releases"
      columns={columns(projectId)}
      rows={rows}
      rowKey={({ id }) => id}
      rowProps={() => ({ className: "relative" })}
      width="min-w-[56rem]"
    />
  );
}
