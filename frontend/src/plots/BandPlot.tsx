// A plot of medians with their ranges over the steps of a search, one line for each part.
import type { RefObject } from "react";
import { count } from "@/format/numbers";
import { apart, linear } from "@/plots/scale";
import { useWidth } from "@/plots/useWidth";

export interface BandPoint {
  x: number;
  low: number;
  mid: number;
  high: number;
}

export interface Band {
  name: string;
  points: readonly BandPoint[];
}

interface Props {
  bands: readonly Band[];
  title: string;
  /** Words for a value on the axis. */
  format: (value: number) => string;
  /** Ends of the axis. Without them, those of the values. */
  domain?: readonly [number, number];
  svgRef?: RefObject<SVGSVGElement | null>;
}

const HEIGHT = 168;
const LEFT = 52;
const TOP = 10;
const FOOT = HEIGHT - 22;
const NAME = 20; // room for the name of a line at its end
const LINE_HEIGHT = 14;
const DASHES = [undefined, "6 3", "2 3", "8 3 2 3"];

export function BandPlot({ bands, title, format, domain, svgRef }: Props) {
  const [frame, width] = useWidth<HTMLDivElement>(480);
  const all = bands.flatMap(({ points }) => points);
  const [low, high] = domain ?? [Math.min(...all.map((point) => point.low)), Math.max(...all.map((point) => point.high))];
  const steps = all.map((point) => point.x);
  const to = Math.max(...steps);
  const x = linear([Math.min(...steps), to], [LEFT + 4, Math.max(LEFT + 60, width - NAME)]);
  const y = linear([low, high], [FOOT, TOP]);
  const places = apart(bands.map(({ points }) => y(points.at(-1)?.mid ?? low)), LINE_HEIGHT);
  return (
    <div ref={frame}>
      <svg ref={svgRef} viewBox={`0 0 ${width} ${HEIGHT}`} width="100%" height={HEIGHT} role="img" className="block">
        <title>{title}</title>
        {[low, high].map((value, at) => (
          <g key={at}>
            <line x1={LEFT} x2={width} y1={y(value)} y2={y(value)} className="stroke-line" strokeWidth="1" />
            <text x={LEFT - 8} y={y(value) + 4} textAnchor="end" className="fill-ink-3 figures text-xs">
              {format(value)}
            </text>
          </g>
        ))}
        <text x={LEFT + 4} y={HEIGHT - 4} className="fill-ink-3 figures text-xs">
          step {count(Math.min(...steps))}
        </text>
        <text x={x(to)} y={HEIGHT - 4} textAnchor="end" className="fill-ink-3 figures text-xs">
          {count(to)}
        </text>
        {bands.map((band, index) => (
          <Line key={band.name} band={band} dash={DASHES[index % DASHES.length]} named={bands.length > 1} at={places[index] ?? 0} x={x} y={y} format={format} />
        ))}
      </svg>
    </div>
  );
}

interface LineProps {
  band: Band;
  dash: string | undefined;
  named: boolean;
  /** The height of the name. */
  at: number;
  x: (value: number) => number;
  y: (value: number) => number;
  format: (value: number) => string;
}

function Line({ band, dash, named, at, x, y, format }: LineProps) {
  const { points, name } = band;
  const last = points[points.length - 1];
  if (!last) return null;
  const there = points.map((point) => `${x(point.x)} ${y(point.high)}`);
  const back = [...points].reverse().map((point) => `${x(point.x)} ${y(point.low)}`);
  return (
    <g>
      <path d={`M${[...there, ...back].join("L")}Z`} className="fill-accent" fillOpacity={named ? 0.06 : 0.14} />
      <path d={`M${points.map((point) => `${x(point.x)} ${y(point.mid)}`).join("L")}`} fill="none" className="stroke-accent" strokeWidth="1.5" strokeDasharray={dash} strokeLinejoin="round" />
      {points.map((point) => (
        <circle key={point.x} cx={x(point.x)} cy={y(point.mid)} r="2" className="fill-accent">
          <title>{`${name}, step ${count(point.x)}: ${format(point.mid)} (${format(point.low)} to ${format(point.high)})`}</title>
        </circle>
      ))}
      {named && (
        <text x={x(last.x) + 6} y={at + 4} className="fill-ink-2 figures text-xs">
          {name}
        </text>
      )}
    </g>
  );
}
