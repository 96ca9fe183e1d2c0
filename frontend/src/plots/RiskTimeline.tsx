// A plot of the risk of each release of a target, oldest on the left. The axis is 0 to 100 %.
import type { RefObject } from "react";
import type { Verdict } from "@/api/model";
import { givenShare, share, span } from "@/format/numbers";
import { linear, ticks } from "@/plots/scale";
import { useWidth } from "@/plots/useWidth";
import { verdictColour } from "@/ui/VerdictMark";

export interface TimelinePoint {
  key: string;
  label: string;
  /** Null for a release without a risk. */
  value: number | null;
  low: number | null;
  high: number | null;
  budget: number | null;
  verdict: Verdict | null;
  /** How much worse it is than the release before. Left out if it is not. */
  rise?: string;
}

interface Props {
  points: readonly TimelinePoint[];
  title: string;
  svgRef?: RefObject<SVGSVGElement | null>;
}

const HEIGHT = 236;
const TOP = 12;
const FOOT = HEIGHT - 30;
const LEFT = 44;
const LABEL_WIDTH = 76;

export function RiskTimeline({ points, title, svgRef }: Props) {
  const [frame, width] = useWidth<HTMLDivElement>(860);
  const y = linear([0, 1], [FOOT, TOP]);
  const step = Math.min(150, (width - LEFT) / points.length);
  const x = (index: number) => LEFT + step * (index + 0.5);
  const every = Math.max(1, Math.ceil(LABEL_WIDTH / step)); // labels that do not touch
  return (
    <div ref={frame}>
      <svg ref={svgRef} viewBox={`0 0 ${width} ${HEIGHT}`} width="100%" height={HEIGHT} role="img" className="block">
        <title>{title}</title>
        {ticks(0, 1, 4).map((tick) => (
          <g key={tick}>
            <line x1={LEFT} x2={width} y1={y(tick)} y2={y(tick)} className="stroke-line" strokeWidth="1" />
            <text x={LEFT - 8} y={y(tick) + 4} textAnchor="end" className="fill-ink-3 figures text-xs">
              {share(tick)}
            </text>
          </g>
        ))}
        {points.map((point, index) => (
          <g key={point.key} className={point.verdict ? verdictColour(point.verdict) : "text-ink-3"}>
            <title>{words(point)}</title>
            {point.budget !== null && (
              <line
                x1={x(index) - step * 0.42}
                x2={x(index) + step * 0.42}
                y1={y(point.budget)}
                y2={y(point.budget)}
                className="stroke-ink"
                strokeWidth="1"
                strokeDasharray="3 2"
              />
            )}
            {point.low !== null && point.high !== null && (
              <line x1={x(index)} x2={x(index)} y1={y(point.low)} y2={y(point.high)} stroke="currentColor" strokeWidth="5" strokeOpacity="0.4" />
            )}
            {point.rise !== undefined && <Rise x={x(index)} y={y(point.high ?? point.value ?? 0)} />}
            <Mark point={point} x={x(index)} y={y(point.value ?? 0)} />
            {(points.length - 1 - index) % every === 0 && (
              <text {...placed(x(index), width)} y={HEIGHT - 8} className="fill-ink-2 text-xs">
                {short(point.label)}
              </text>
            )}
          </g>
        ))}
      </svg>
    </div>
  );
}

/** Shows PASS as a disc, FAIL as an octagon, INCONCLUSIVE as a diamond, no risk as a dashed ring. */
function Mark({ point, x, y }: { point: TimelinePoint; x: number; y: number }) {
  if (point.value === null) return <circle cx={x} cy={y} r="4" className="fill-page" stroke="currentColor" strokeWidth="1.5" strokeDasharray="2 1.5" />;
  if (point.verdict === "FAIL") {
    return <path d={`M${x - 2.5} ${y - 6}h5l3.500 3.500v5l-3.500 3.500h-5l-3.500 -3.500v-5z`} fill="currentColor" />;
  }
  if (point.verdict === "INCONCLUSIVE") return <path d={`M${x} ${y - 6.5}l6.500 6.500l-6.500 6.500l-6.500 -6.500z`} fill="currentColor" />;
  return <circle cx={x} cy={y} r="5" fill="currentColor" />;
}

/** A triangle above the interval, of a release that is worse than the one before. */
function Rise({ x, y }: { x: number; y: number }) {
  const top = Math.max(1, y - 14);
  return <path d={`M${x - 5} ${top + 9}h10l-5 -9z`} className="fill-ink" />;
}

/** Return the place of a label under its mark, moved in where it would reach over an end of the plot. */
function placed(x: number, width: number): { x: number; textAnchor: "start" | "middle" | "end" } {
  if (x + LABEL_WIDTH / 2 > width) return { x: width, textAnchor: "end" };
  return x < LABEL_WIDTH / 2 ? { x: 0, textAnchor: "start" } : { x, textAnchor: "middle" };
}

function short(label: string): string {
  return label.length > 12 ? `${label.slice(0, 11)}…` : label;
}

function words(point: TimelinePoint): string {
  if (point.value === null) return `${point.label}: no risk measured`;
  const budget = point.budget === null ? "" : `, budget ${givenShare(point.budget)}`;
  const rise = point.rise === undefined ? "" : `, worse than the release before: ${point.rise}`;
  return `${point.label}: risk ${share(point.value)}, 95 % interval ${span(point)}${budget}${rise}`;
}
