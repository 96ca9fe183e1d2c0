// The risk, the controls and attack accuracy on one axis.
import { useRef } from "react";
import type { Audit, Result } from "@/api/model";
import { Given } from "@/features/audits/Given";
import { figureColumns } from "@/features/audits/figureColumns";
import { plotRows } from "@/features/audits/result/plotRows";
import { nounOf } from "@/features/audits/noun";
import { givenShare, interval } from "@/format/numbers";
import { Figure } from "@/plots/Figure";
import { IntervalPlot } from "@/plots/IntervalPlot";
import { type PlotRow, rowsToTable } from "@/plots/rows";
import type { Column } from "@/ui/column";
import { DataTable } from "@/ui/DataTable";
import { Section } from "@/ui/Page";
import { Term } from "@/ui/Term";

const EVALUATOR = "No two verifiers were accurate enough, so the evaluator decides: FAIL is possible, PASS is not.";

export function RiskFigure({ audit, result }: { audit: Audit; result: Result }) {
  const svg = useRef<SVGSVGElement>(null);
  const rows = plotRows(result);
  if (rows.length === 0) return null;
  const alone = result.evidence_level === "evaluator"; // no two verifiers were accurate enough: the evaluator decides
  return (
    <Section title="How much is exposed">
      <Figure
        name={`${audit.id}-risk`}
        svgRef={svg}
        table={rowsToTable(rows)}
        tableView={<RowsTable rows={rows} />}
        caption={
          <>
            Shares of the {nounOf(result).many}, each with its <Term name="interval">95 % interval</Term>. The{" "}
            <Term name="risk">risk</Term> is {alone ? "attack accuracy" : "verified success"} beyond the strongest{" "}
            <Term name="control">control</Term>. {alone ? EVALUATOR : <>PASS requires an upper bound below your budget of <Given path="budget" value={result.budget} />.</>}{" "}
            Attack accuracy is <Term name="uncalibrated">uncalibrated</Term>{alone ? "." : " and decides nothing."}
          </>
        }
      >
        <IntervalPlot
          rows={rows}
          budget={result.budget}
          verdict={result.verdict}
          title={`Risk ${interval(result.risk)}, against a budget of ${givenShare(result.budget)}, with controls and attack accuracy`}
          svgRef={svg}
        />
      </Figure>
    </Section>
  );
}

const COLUMNS: Column<PlotRow>[] = [
  {
    id: "name",
    header: "Figure",
    rowHeader: true,
    cell: ({ label, note }) => (
      <>
        {label} {note && <span className="text-ink-3">{note}</span>}
      </>
    ),
  },
  ...figureColumns<PlotRow>((row) => row),
];

function RowsTable({ rows }: { rows: readonly PlotRow[] }) {
  return (
    <DataTable
      caption="Risk, controls and attack accuracy"
      columns={COLUMNS}
      rows={rows}
      rowKey={({ key }) => key}
      rowProps={({ key }) => ({ "data-figure": key })}
      width="max-w-3xl"
    />
  );
}
