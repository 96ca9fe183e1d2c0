// The stages as rows: state, parts done, estimate against actual time, and who works on it.
import { duration, progress } from "@/format/numbers";
import type { StageView } from "@/features/audits/live/stageViews";
import { STAGE_WORDS } from "@/features/audits/stages";
import { ProgressMark, progressWord } from "@/ui/VerdictMark";

export function StageTable({ views }: { views: readonly StageView[] }) {
  return (
    <div className="-mx-2 relative overflow-x-auto px-2">
      <table className="data-table min-w-[44rem]">
        <thead>
          <tr>
            <th scope="col">Stage</th>
            <th scope="col">State</th>
            <th scope="col">Done</th>
            <th scope="col" className="number">
              Estimate
            </th>
            <th scope="col" className="number">
              Actual
            </th>
            <th scope="col">Worker</th>
          </tr>
        </thead>
        <tbody>
          {views.map((view) => (
            <tr key={view.stage}>
              <td>
                <span className="font-medium">{STAGE_WORDS[view.stage].name}</span>
                <span className="text-ink-3 max-xl:hidden"> {STAGE_WORDS[view.stage].does}</span>
              </td>
              <td className="whitespace-nowrap">
                <ProgressMark state={view.state} words={stateWords(view)} />
              </td>
              <td>
                <Done view={view} />
              </td>
              <td className="number text-ink-3 whitespace-nowrap">{duration(view.estimate)}</td>
              <td className="number whitespace-nowrap">{duration(view.actual)}</td>
              <td className="text-ink-2 max-w-44 truncate font-mono text-xs" title={view.workers.join(", ")}>
                {view.workers.join(", ")}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function stateWords(view: StageView): string {
  const word = progressWord(view.state);
  return view.attempts > 1 && view.state !== "succeeded" ? `${word}, attempt ${view.attempts}` : word;
}

function Done({ view }: { view: StageView }) {
  if (view.done === 0 && view.state !== "running") return null;
  return (
    <span className="flex items-center gap-2 whitespace-nowrap">
      <svg viewBox="0 0 64 4" width="64" height="4" aria-hidden="true">
        <rect width="64" height="4" rx="2" className="fill-line" />
        <rect width={64 * view.done} height="4" rx="2" className={view.state === "running" ? "fill-accent" : "fill-ink-3"} />
      </svg>
      <span className="text-ink-2 text-xs">
        {progress(view.done)}
        {view.shards > 1 && ` · ${view.shardsDone} of ${view.shards} parts`}
      </span>
    </span>
  );
}
