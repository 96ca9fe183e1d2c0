// A plot of shares with their intervals, on an axis from 0 to 100 % with the budget.
import type { RefObject } from "react";
import type { Verdict } from "@/api/model";
import { givenShare, share, span } from "@/format/numbers";
import type { PlotRow } from "@/plots/rows";
import { linear, ticks } from "@/plots/scale";
import { useWidth } from "@/plots/useWidth";
import { verdictColour } from "@/ui/VerdictMark";

interface Props {
  rows: readonly PlotRow[];
  budget: number;
  /** Colours the risk. Null where none is among the rows. */
  verdict: Verdict | null;
  title: string;
  svgRef?: RefObject<SVGSVGElement | null>;
}

const TOP = 26;
const BOTTOM = 28;
const WIDE = 720;

/** Positions of the parts of a row. On a narrow page, words and figures are above the axis, and lines stay off them. */
interface Layout {
  row: number;
  /** Top and bottom of the lines of the axis and the budget in a row. */
  lines: readonly [number, number];
  axis: readonly [number, number];
  mark: number;
  label: number;
  note: number;
  value: readonly [number, number];
  interval: readonly [number, number];
  n: readonly [number, number];
}

function layoutFor(width: number): Layout {
  if (width >= WIDE) {
    const [row, mark] = [42, 21];
    return {
      row,
      lines: [0, row],
      axis: [282, width - 234],
      mark,
      label: mark - 3,
      note: mark + 13,
      value: [width - 172, mark + 4],
      interval: [width - 52, mark + 4],
      n: [width, mark + 4],
    };
  }
  return { row: 76, lines: [53, 72], axis: [8, width - 8], mark: 60, label: 16, note: 32, value: [width, 16], interval: [width - 44, 48], n: [width, 48] };
}

export function IntervalPlot({ rows, budget, verdict, title, svgRef }: Props) {
  const [frame, width] = useWidth<HTMLDivElement>(860);
  const layout = layoutFor(width);
  const x = linear([0, 1], layout.axis);
  const height = TOP + rows.length * layout.row + BOTTOM;
  const foot = height - BOTTOM;
  const late = budget > 0.75; // the words are left of a line near the right end
  return (
    <div ref={frame}>
      <svg ref={svgRef} viewBox={`0 0 ${width} ${height}`} width="100%" height={height} role="img" className="block">
        <title>{title}</title>
        {ticks(0, 1, 5).map((tick) => (
          <g key={tick} data-axis="">
            <Rule x={x(tick)} layout={layout} rows={rows.length} className="stroke-line" />
            <text x={x(tick)} y={foot + 16} textAnchor={tick === 0 && width < WIDE ? "start" : tick === 1 && width < WIDE ? "end" : "middle"} className="fill-ink-3 text-xs">
              {share(tick)}
            </text>
          </g>
        ))}
        <line x1={x(budget)} x2={x(budget)} y1={TOP - 20} y2={TOP - 4} className="stroke-ink" strokeWidth="1" strokeDasharray="3 2" />
        <Rule x={x(budget)} layout={layout} rows={rows.length} className="stroke-ink" dashes="3 2" />
        <text x={x(budget) + (late ? -5 : 5)} y={TOP - 10} textAnchor={late ? "end" : "start"} className="fill-ink-2 text-xs">
          your budget{" "}
          <tspan data-figure="budget" data-part="value">
            {givenShare(budget)}
          </tspan>
        </text>
        {rows.map((row, index) => (
          <Row key={row.key} row={row} y={TOP + index * layout.row} x={x} layout={layout} verdict={verdict} />
        ))}
      </svg>
    </div>
  );
}

/** A vertical line through all rows, or a piece of it in each. */
function Rule({ x, layout: { row, lines }, rows, className, dashes }: { x: number; layout: Layout; rows: number; className: string; dashes?: string }) {
  const [top, bottom] = lines;
  const pieces = top === 0 && bottom === row ? [[TOP - 4, TOP + rows * row] as const] : Array.from({ length: rows }, (_, at) => [TOP + at * row + top, TOP + at * row + bottom] as const);
  return pieces.map(([from, to]) => <line key={from} x1={x} x2={x} y1={from} y2={to} className={className} strokeWidth="1" strokeDasharray={dashes} />);
}

interface RowProps {
  row: PlotRow;
  y: number;
  x: (value: number) => number;
  layout: Layout;
  verdict: Verdict | null;
}

function Row({ row, y, x, layout, verdict }: RowProps) {
  const main = row.kind === "risk";
  const quiet = row.kind === "uncalibrated";
  const colour = main && verdict ? verdictColour(verdict) : quiet ? "text-ink-3" : row.kind === "control" ? "text-ink-2" : "text-ink";
  const words = main ? "fill-ink text-sm font-semibold" : "fill-ink text-sm";
  const mark = y + layout.mark;
  return (
    <g className={colour} data-figure={row.key}>
      <text x="0" y={y + (row.note || layout.row > 42 ? layout.label : layout.mark + 4)} className={words}>
        {row.label}
      </text>
      {row.note && (
        <text x="0" y={y + layout.note} className="fill-ink-3 text-xs">
          {row.note}
        </text>
      )}
      {row.low !== null && row.high !== null && (
        <line
          x1={x(row.low)}
          x2={x(row.high)}
          y1={mark}
          y2={mark}
          stroke="currentColor"
          strokeWidth={main ? 5 : 2.5}
          strokeOpacity={main ? 0.4 : 0.55}
          strokeDasharray={quiet ? "2 2" : undefined}
        />
      )}
      <Point kind={row.kind} x={x(row.value)} y={mark} />
      <text data-part="value" x={layout.value[0]} y={y + layout.value[1]} textAnchor="end" className={words}>
        {share(row.value)}
      </text>
      <text data-part="interval" x={layout.interval[0]} y={y + layout.interval[1]} textAnchor="end" className="fill-ink-2 text-sm">
        {span(row)}
      </text>
      {row.n !== null && (
        <text x={layout.n[0]} y={y + layout.n[1]} textAnchor="end" className="fill-ink-3 text-xs">
          n <tspan data-part="n">{row.n}</tspan>
        </text>
      )}
    </g>
  );
}

/**
 * Shows the risk as a diamond, measurements as discs, controls as hollow squares, uncalibrated
 * figures as dashed rings.
 */
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
