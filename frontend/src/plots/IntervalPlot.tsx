// Figures that are shares of identities, with their intervals, on one axis from 0 to 1 with the budget line.
import type { RefObject } from "react";
import type { Verdict } from "@/api/model";
import { range, share } from "@/format/numbers";
import type { PlotRow } from "@/plots/rows";
import { linear, ticks } from "@/plots/scale";
import { useWidth } from "@/plots/useWidth";
import { verdictColour } from "@/ui/VerdictMark";

interface Props {
  rows: readonly PlotRow[];
  budget: number;
  verdict: Verdict;
  title: string;
  svgRef?: RefObject<SVGSVGElement | null>;
}

const ROW = 42;
const TOP = 26;
const BOTTOM = 28;

export function IntervalPlot({ rows, budget, verdict, title, svgRef }: Props) {
  const [frame, width] = useWidth<HTMLDivElement>(860);
  const left = Math.min(210, width * 0.3);
  const right = width < 620 ? 56 : 190;
  const x = linear([0, 1], [left, Math.max(left + 60, width - right)]);
  const height = TOP + rows.length * ROW + BOTTOM;
  const foot = height - BOTTOM;
  return (
    <div ref={frame}>
      <svg ref={svgRef} viewBox={`0 0 ${width} ${height}`} width="100%" height={height} role="img" className="block">
        <title>{title}</title>
        {ticks(0, 1, 5).map((tick) => (
          <g key={tick}>
            <line x1={x(tick)} x2={x(tick)} y1={TOP - 4} y2={foot} className="stroke-line" strokeWidth="1" />
            <text x={x(tick)} y={foot + 16} textAnchor="middle" className="fill-ink-3 text-xs">
              {tick}
            </text>
          </g>
        ))}
        <line x1={x(budget)} x2={x(budget)} y1={TOP - 10} y2={foot} className="stroke-ink" strokeWidth="1" strokeDasharray="3 2" />
        <text x={x(budget) + 5} y={TOP - 10} className="fill-ink-2 text-xs">
          your budget {share(budget)}
        </text>
        {rows.map((row, index) => (
          <Row key={row.key} row={row} y={TOP + index * ROW + ROW / 2} x={x} width={width} wide={width >= 620} verdict={verdict} />
        ))}
      </svg>
    </div>
  );
}

interface RowProps {
  row: PlotRow;
  y: number;
  x: (value: number) => number;
  width: number;
  wide: boolean;
  verdict: Verdict;
}

function Row({ row, y, x, width, wide, verdict }: RowProps) {
  const main = row.kind === "risk";
  const quiet = row.kind === "uncalibrated";
  const colour = main ? verdictColour(verdict) : quiet ? "text-ink-3" : row.kind === "control" ? "text-ink-2" : "text-ink";
  return (
    <g className={colour}>
      <text x="0" y={row.note ? y - 3 : y + 4} className={main ? "fill-ink text-sm font-semibold" : "fill-ink text-sm"}>
        {row.label}
      </text>
      {row.note && (
        <text x="0" y={y + 13} className="fill-ink-3 text-xs">
          {row.note}
        </text>
      )}
      {row.low !== null && row.high !== null && (
        <line
          x1={x(row.low)}
          x2={x(row.high)}
          y1={y}
          y2={y}
          stroke="currentColor"
          strokeWidth={main ? 5 : 2.5}
          strokeOpacity={main ? 0.4 : 0.55}
          strokeDasharray={quiet ? "2 2" : undefined}
        />
      )}
      <Point kind={row.kind} x={x(row.value)} y={y} />
      <text x={wide ? width - 140 : width} y={y + 4} textAnchor="end" className={main ? "fill-ink text-sm font-semibold" : "fill-ink text-sm"}>
        {share(row.value)}
      </text>
      {wide && (
        <>
          <text x={width - 48} y={y + 4} textAnchor="end" className="fill-ink-2 text-sm">
            {range(row)}
          </text>
          <text x={width} y={y + 4} textAnchor="end" className="fill-ink-3 text-xs">
            {row.n === null ? "" : `n ${row.n}`}
          </text>
        </>
      )}
    </g>
  );
}

/** Risk a diamond, measurements a disc, controls a hollow square, uncalibrated figures a hollow dashed ring. */
function Point({ kind, x, y }: { kind: PlotRow["kind"]; x: number; y: number }) {
  switch (kind) {
    case "risk":
      return <path d={`M${x} ${y - 7}L${x + 7} ${y}L${x} ${y + 7}L${x - 7} ${y}Z`} fill="currentColor" />;
    case "measured":
      return <circle cx={x} cy={y} r="5" fill="currentColor" />;
    case "control":
      return <rect x={x - 4.5} y={y - 4.5} width="9" height="9" className="fill-page" stroke="currentColor" strokeWidth="1.75" />;
    case "uncalibrated":
      return <circle cx={x} cy={y} r="4.5" className="fill-page" stroke="currentColor" strokeWidth="1.5" strokeDasharray="2 1.5" />;
  }
}
