// A small plot of the risk of successive releases with intervals, for a table row.
import type { Verdict } from "@/api/model";
import { share, span } from "@/format/numbers";
import { linear } from "@/plots/scale";
import { verdictColour } from "@/ui/VerdictMark";

export interface TrendPoint {
  key: string;
  label: string;
  value: number;
  low: number | null;
  high: number | null;
  verdict: Verdict | null;
}

interface Props {
  /** Oldest first. */
  points: readonly TrendPoint[];
  /** Of the newest point. Drawn across the plot. */
  budget: number | null;
}

const STEP = 12;
const HEIGHT = 34;

/** The axis is 0 to 100 %, as in all rows, so that targets can be compared. */
export function TrendMark({ points, budget }: Props) {
  const width = STEP * Math.max(points.length, 1);
  const y = linear([0, 1], [HEIGHT - 3, 3]);
  const words = points.map((point) => `${point.label}: ${share(point.value)} (${span(point)})`).join("; ");
  return (
    <svg viewBox={`0 0 ${width} ${HEIGHT}`} width={width} height={HEIGHT} role="img" aria-label={`Risk by release, oldest first. ${words}`} className="block">
      <line x1="0" x2={width} y1={y(0)} y2={y(0)} className="stroke-line" strokeWidth="1" />
      {budget !== null && <line x1="0" x2={width} y1={y(budget)} y2={y(budget)} className="stroke-ink-3" strokeWidth="1" strokeDasharray="2 2" />}
      {points.map((point, index) => (
        <g key={point.key} className={point.verdict ? verdictColour(point.verdict) : "text-ink-2"}>
          {point.low !== null && point.high !== null && (
            <line x1={STEP * (index + 0.5)} x2={STEP * (index + 0.5)} y1={y(point.low)} y2={y(point.high)} stroke="currentColor" strokeWidth="3" strokeOpacity="0.4" />
          )}
          <circle cx={STEP * (index + 0.5)} cy={y(point.value)} r="2.5" fill="currentColor" />
        </g>
      ))}
    </svg>
  );
}
