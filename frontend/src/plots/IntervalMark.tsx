// A plot of a risk with its interval and the budget, for a table row. The axis is 0 to 100 %.
import type { Verdict } from "@/api/model";
import { givenShare, share, span } from "@/format/numbers";
import { linear } from "@/plots/scale";
import { verdictColour } from "@/ui/VerdictMark";
import { classes } from "@/ui/classes";

interface Props {
  value: number;
  low: number | null;
  high: number | null;
  budget: number;
  verdict: Verdict | null;
}

const WIDTH = 132;
const HEIGHT = 18;

export function IntervalMark({ value, low, high, budget, verdict }: Props) {
  const x = linear([0, 1], [3, WIDTH - 3]);
  const middle = HEIGHT / 2;
  const words = `Risk ${share(value)}, 95 % interval ${span({ low, high })}, budget ${givenShare(budget)}`;
  return (
    <svg
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      width={WIDTH}
      height={HEIGHT}
      role="img"
      aria-label={words}
      className={classes("shrink-0", verdict ? verdictColour(verdict) : "text-ink-2")}
    >
      <line x1={x(0)} x2={x(1)} y1={middle} y2={middle} className="stroke-line" strokeWidth="1" />
      <line x1={x(budget)} x2={x(budget)} y1="1" y2={HEIGHT - 1} className="stroke-ink-3" strokeWidth="1" />
      {low !== null && high !== null && (
        <line x1={x(low)} x2={x(high)} y1={middle} y2={middle} stroke="currentColor" strokeWidth="3" strokeOpacity="0.45" />
      )}
      <circle cx={x(value)} cy={middle} r="3.5" fill="currentColor" />
    </svg>
  );
}
