// The risk and everything it must be compared with, on one axis.
import { useRef } from "react";
import type { Audit, Result } from "@/api/model";
import { plotRows } from "@/features/audits/result/plotRows";
import { nounOf } from "@/features/audits/noun";
import { givenShare, interval, share, span } from "@/format/numbers";
import { Figure } from "@/plots/Figure";
import { IntervalPlot } from "@/plots/IntervalPlot";
import { type PlotRow, rowsToTable } from "@/plots/rows";
import { Section } from "@/ui/Page";
import { Term } from "@/ui/Term";

const EVALUATOR = "No two verifiers were fit to judge, so the evaluator decides: it can fail a model, but never pass one.";

export function RiskFigure({ audit, result }: { audit: Audit; result: Result }) {
  const svg = useRef<SVGSVGElement>(null);
  const rows = plotRows(result);
  if (rows.length === 0) return null;
  const alone = result.evidence_level === "evaluator"; // no verifier is fit to judge: the evaluator decides
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
            <Term name="risk">risk</Term> is what remains of {alone ? "attack accuracy" : "verified success"} above the strongest{" "}
            <Term name="control">control</Term>. {alone ? EVALUATOR : `To pass, its upper bound must lie left of your budget of ${givenShare(result.budget)}.`}{" "}
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

function RowsTable({ rows }: { rows: readonly PlotRow[] }) {
  return (
    <table className="data-table max-w-3xl">
      <thead>
        <tr>
          <th scope="col">Figure</th>
          <th scope="col" className="number">
            Value
          </th>
          <th scope="col" className="number">
            95 % interval
          </th>
          <th scope="col" className="number">
            n
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.key} data-figure={row.key}>
            <td>
              {row.label} {row.note && <span className="text-ink-3">{row.note}</span>}
            </td>
            <td data-part="value" className="number whitespace-nowrap">{share(row.value)}</td>
            <td data-part="interval" className="number whitespace-nowrap">{span(row)}</td>
            <td data-part="n" className="number">{row.n}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
