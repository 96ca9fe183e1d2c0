// The stages of an audit as they stand: state, progress, estimate and actual time, from its jobs.
import type { Job, JobState, Stage } from "@/api/model";
import type { LiveJob } from "@/features/audits/live/events";
import { STAGE_WORDS, STAGES } from "@/features/audits/stages";
import { secondsBetween } from "@/format/dates";
import { duration } from "@/format/numbers";

export interface StageView {
  stage: Stage;
  state: JobState;
  done: number; // part of the stage that is done, 0 to 1
  shards: number;
  shardsDone: number;
  estimate: number | null;
  actual: number | null; // seconds of work so far, summed over shards
  left: number | null; // seconds still to go by estimate and progress, at the number of workers that are on it
  late: boolean; // it has taken longer than estimated, and nothing says for how much longer
  workers: string[];
  attempts: number;
  failed: Job | null;
}

function stateOf(jobs: readonly Job[]): JobState {
  const has = (state: JobState) => jobs.some((job) => job.state === state);
  if (has("failed")) return "failed";
  if (jobs.every((job) => job.state === "succeeded")) return "succeeded";
  if (has("running")) return "running";
  if (has("cancelled")) return "cancelled";
  if (has("queued")) return has("succeeded") ? "running" : "queued";
  return has("succeeded") ? "running" : "waiting";
}

function partDone(job: Job): number {
  if (job.state === "succeeded") return 1;
  return job.total > 0 ? Math.min(1, job.done / job.total) : 0;
}

/** How long the whole job will take: by its pace where progress was heard of, else as estimated. */
function expectedSeconds(job: LiveJob, now: Date): number | null {
  const part = partDone(job);
  if (part === 0 || job.started_at === null) return job.estimate_seconds;
  const heard = job.progress_at ? new Date(job.progress_at) : now;
  return secondsBetween(job.started_at, null, heard) / part;
}

/** Seconds a job still takes, less as they pass and never below nothing; null when nothing was estimated. */
function secondsLeft(job: LiveJob, now: Date): number | null {
  if (job.state === "succeeded") return 0;
  const expected = expectedSeconds(job, now);
  if (expected === null) return null;
  if (job.state !== "running" || job.started_at === null) return expected * (1 - partDone(job));
  return Math.max(0, expected - secondsBetween(job.started_at, null, now));
}

/** Shards side by side take as long as their work shared by the workers on them, and at least as long as the longest. */
function stageLeft(jobs: readonly LiveJob[], now: Date): number | null {
  const left = jobs.map((job) => secondsLeft(job, now));
  if (left.every((seconds) => seconds === null)) return null;
  const known = left.map((seconds) => seconds ?? 0);
  const workers = new Set(jobs.flatMap((job) => (job.state === "running" && job.worker ? [job.worker] : []))).size;
  return Math.max(...known, known.reduce((sum, seconds) => sum + seconds, 0) / Math.max(1, workers));
}

export function stageViews(jobs: readonly LiveJob[], now: Date): StageView[] {
  return STAGES.flatMap((stage) => {
    const own = jobs.filter((job) => job.stage === stage);
    if (own.length === 0) return [];
    const timed = own.filter((job) => job.started_at !== null);
    const estimates = own.map((job) => job.estimate_seconds);
    return [
      {
        stage,
        state: stateOf(own),
        done: own.reduce((sum, job) => sum + partDone(job), 0) / own.length,
        shards: own.length,
        shardsDone: own.filter((job) => job.state === "succeeded").length,
        estimate: estimates.every((value) => value === null) ? null : estimates.reduce<number>((sum, value) => sum + (value ?? 0), 0),
        actual:
          timed.length === 0
            ? null
            : timed.reduce((sum, job) => sum + secondsBetween(job.started_at ?? "", job.finished_at, now), 0),
        left: stageLeft(own, now),
        late: own.some((job) => job.state === "running" && job.estimate_seconds !== null && secondsLeft(job, now) === 0),
        workers: [...new Set(own.filter((job) => job.state === "running").flatMap((job) => (job.worker ? [job.worker] : [])))],
        attempts: Math.max(...own.map((job) => job.attempt)),
        failed: own.find((job) => job.state === "failed") ?? null,
      },
    ];
  });
}

/** Seconds still to go over all stages; null when nothing was estimated. */
export function remainingSeconds(views: readonly StageView[]): number | null {
  if (views.every((view) => view.estimate === null)) return null;
  return views.reduce((sum, view) => sum + (view.left ?? 0), 0);
}

/** How much longer, by what was estimated, the pace so far and the time that has passed. */
export function timeLeft(views: readonly StageView[]): string {
  const left = remainingSeconds(views);
  if (left === null) return "No estimate.";
  const late = views.find((view) => view.late);
  const about = `About ${duration(left)} to go.`;
  if (!late) return about;
  const slow = `${STAGE_WORDS[late.stage].name} takes longer than estimated.`;
  return left < 1 ? slow : `${slow} After it, about ${duration(left)}.`;
}
