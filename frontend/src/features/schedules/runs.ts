// Words for the runs of a schedule.
import type { ScheduleRun } from "@/api/model";
import { plural } from "@/format/numbers";
import type { Progress } from "@/ui/VerdictMark";

const STATES: Record<ScheduleRun["state"], { state: Progress; words: string }> = {
  due: { state: "queued", words: "Due" },
  started: { state: "running", words: "Running" },
  succeeded: { state: "succeeded", words: "Audited" },
  failed: { state: "failed", words: "Failed" },
  cancelled: { state: "cancelled", words: "Cancelled" },
  skipped: { state: "cancelled", words: "Not needed" },
};

export function runState({ state }: ScheduleRun): { state: Progress; words: string } {
  return STATES[state];
}

/** Return why a run started no audit, and how many missed ones it stands for. */
export function runWords({ detail, problem, missed, trigger }: ScheduleRun): string {
  const reason = detail ?? problem?.detail ?? (trigger === "manual" ? "Started by hand." : "");
  return missed > 0 ? `${reason} Also stands for ${plural(missed, "earlier due time")}.`.trim() : reason || "–";
}
