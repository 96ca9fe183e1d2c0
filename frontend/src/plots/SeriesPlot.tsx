// A plot of one figure over the steps of a training. The axis includes 0.
import type { RefObject } from "react";
import { count, decimal } from "@/format/numbers";
import { linear } from "@/plots/scale";
import { useWidth } from "@/plots/useWidth";

interface Props {
  points: readonly { x: number; y: number }[];
  title: string;
  svgRef?: RefObject<SVGSVGElement | null>;
}

const HEIGHT = 112;
const LEFT = 44;
const RIGHT = 8;
const TOP = 10;
const FOOT = HEIGHT - 22;

export function SeriesPlot({ points, title, svgRef }: Props) {
  const [frame, width] = useWidth<HTMLDivElement>(480);
  const values = points.map(({ y }) => y);
  const steps = points.map(({ x }) => x);
  const low = Math.min(0, ...values);
  const high = Math.max(0, ...values);
  const from = Math.min(...steps);
  const to = Math.max(...steps);
  const x = linear([from, to], [LEFT + 4, Math.max(LEFT + 60, width - RIGHT)]);
  const y = linear([low, high], [FOOT, TOP]);
  const line = points.map((point, index) => `${index === 0 ? "M" : "L"}${x(point.x)} ${y(point.y)}`).join("");
  return (
    <div ref={frame}>
      <svg ref={svgRef} viewBox={`0 0 ${width} ${HEIGHT}`} width="100%" height={HEIGHT} role="img" className="block">
        <title>{title}</title>
        <line x1={LEFT} x2={width} y1={y(0)} y2={y(0)} className="stroke-line-strong" strokeWidth="1" />
        <text x={LEFT - 8} y={y(0) + 4} textAnchor="end" className="fill-ink-3 text-xs">
          0
        </text>
        <text x={LEFT - 8} y={y(high) + 4} textAnchor="end" className="fill-ink-3 figures text-xs">
          {high > 0 && decimal(high)}
        </text>
        <text x={x(from)} y={HEIGHT - 4} className="fill-ink-3 figures text-xs">
          step {count(from)}
        </text>
        <text x={x(to)} y={HEIGHT - 4} textAnchor="end" className="fill-ink-3 figures text-xs">
          {count(to)}
        </text>
        <path d={line} fill="none" className="stroke-accent" strokeWidth="1.5" strokeLinejoin="round" />
        {points.map((point) => (
          <circle key={point.x} cx={x(point.x)} cy={y(point.y)} r="2.5" className="fill-accent">
            <title>{`step ${count(point.x)}: ${decimal(point.y)}`}</title>
          </circle>
        ))}
      </svg>
    </div>
  );
}
