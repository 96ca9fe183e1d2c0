// All stages on one time axis: the estimate above, the actual times below.
import { duration } from "@/format/numbers";
import type { StageView } from "@/features/audits/live/stageViews";
import { STAGE_WORDS } from "@/features/audits/stages";
import { useWidth } from "@/plots/useWidth";
import { classes } from "@/ui/classes";

const BAR = 20;
const GAP = 1.5;
const LEFT = 68;
const RIGHT = 92;

interface Segment {
  view: StageView;
  start: number;
  seconds: number;
}

function segments(views: readonly StageView[], secondsOf: (view: StageView) => number): Segment[] {
  return views.reduce<{ all: Segment[]; at: number }>(
    ({ all, at }, view) => {
      const seconds = secondsOf(view);
      return { all: [...all, { view, start: at, seconds }], at: at + seconds };
    },
    { all: [], at: 0 },
  ).all;
}

const total = (parts: readonly Segment[]) => parts.reduce((sum, part) => sum + part.seconds, 0);

export function StageBar({ views }: { views: readonly StageView[] }) {
  const [frame, width] = useWidth<HTMLDivElement>(860);
  const estimated = segments(views, (view) => view.estimate ?? 0);
  const actual = segments(views, (view) => view.actual ?? 0);
  const longest = Math.max(total(estimated), total(actual), 1);
  const scale = (seconds: number) => (seconds / longest) * Math.max(1, width - LEFT - RIGHT);
  const words = `Estimated ${duration(total(estimated))}, so far ${duration(total(actual))} of work`;
  return (
    <div ref={frame} className="mb-4">
      <svg viewBox={`0 0 ${width} 74`} width="100%" height="74" role="img" aria-label={words} className="block">
        {total(estimated) > 0 && (
          <>
            <RowLabel y={10} name="Estimate" seconds={total(estimated)} width={width} />
            {estimated.map(({ view, start, seconds }) => (
              <g key={view.stage}>
                <Bar x={LEFT + scale(start)} y={10} width={scale(seconds)} className="fill-line" />
                <Name x={LEFT + scale(start)} width={scale(seconds)} name={STAGE_WORDS[view.stage].name} />
              </g>
            ))}
          </>
        )}
        <RowLabel y={46} name="Actual" seconds={total(actual)} width={width} />
        {actual.map(({ view, start, seconds }) => (
          <Bar
            key={view.stage}
            x={LEFT + scale(start)}
            y={46}
            width={scale(seconds)}
            className={classes(
              view.state === "running" ? "fill-accent stage-working" : view.state === "failed" ? "fill-ink" : "fill-ink-3",
            )}
          />
        ))}
      </svg>
    </div>
  );
}

function RowLabel({ y, name, seconds, width }: { y: number; name: string; seconds: number; width: number }) {
  return (
    <>
      <text x="0" y={y + 14} className="fill-ink-3 text-xs">
        {name}
      </text>
      <text x={width} y={y + 14} textAnchor="end" className="fill-ink-2 figures text-xs">
        {duration(seconds)}
      </text>
    </>
  );
}

function Bar({ x, y, width, className }: { x: number; y: number; width: number; className: string }) {
  if (width <= 0) return null;
  return <rect x={x} y={y} width={Math.max(1, width - GAP)} height={BAR} rx="2" className={className} />;
}

/** Shows the name of a stage in its segment where it fits. */
function Name({ x, width, name }: { x: number; width: number; name: string }) {
  if (width < name.length * 7 + 8) return null;
  return (
    <text x={x + 6} y="24" className="fill-ink-2 text-xs">
      {name}
    </text>
  );
}
