// Similarities to the first of a gallery, with the threshold of the verifier.
import type { RefObject } from "react";
import { decimal } from "@/format/numbers";
import { linear } from "@/plots/scale";
import { useWidth } from "@/plots/useWidth";

interface Row {
  key: string;
  label: string;
  own: boolean;
  similarity: number;
}

interface Props {
  rows: readonly Row[];
  threshold: number | null;
  title: string;
  svgRef: RefObject<SVGSVGElement | null>;
}

const ROW = 34;
const TOP = 20;
const VALUE = 52;
const WORD = 56; // room for “threshold”

export function NeighbourPlot({ rows, threshold, title, svgRef }: Props) {
  const [frame, width] = useWidth<HTMLDivElement>(480);
  const height = TOP + rows.length * ROW;
  const least = Math.min(0, ...rows.map(({ similarity }) => similarity));
  const x = linear([least, 1], [0, width - VALUE]);
  return (
    <div ref={frame}>
      <svg ref={svgRef} viewBox={`0 0 ${width} ${height}`} width="100%" height={height} role="img" className="block">
        <title>{title}</title>
        {rows.map(({ key, label, own, similarity }, at) => {
          const y = TOP + at * ROW;
          return (
            <g key={key}>
              <text x="0" y={y + 12} className={own ? "fill-ink text-xs font-semibold" : "fill-ink-2 text-xs"}>
                {label}
              </text>
              <line x1={x(Math.min(0, least))} x2={x(similarity)} y1={y + 21} y2={y + 21} className={own ? "stroke-ink" : "stroke-ink-3"} strokeWidth={own ? 6 : 3} />
              <text x={width} y={y + 25} textAnchor="end" className="fill-ink-2 figures text-xs">
                {decimal(similarity)}
              </text>
            </g>
          );
        })}
        {threshold !== null && (
          <>
            {rows.map(({ key }, at) => (
              <line key={key} x1={x(threshold)} x2={x(threshold)} y1={TOP + at * ROW + 15} y2={TOP + at * ROW + 27} className="stroke-ink" strokeWidth="1" strokeDasharray="3 2" />
            ))}
            <text x={Math.min(Math.max(x(threshold), WORD / 2), width - WORD / 2)} y={TOP - 8} textAnchor="middle" className="fill-ink-3 text-xs">
              threshold
            </text>
          </>
        )}
      </svg>
    </div>
  );
}
