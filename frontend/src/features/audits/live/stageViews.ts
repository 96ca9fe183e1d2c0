// The present state of the stages of an audit, from its jobs: progress, estimated and actual time.
import type { Job, JobState, Stage } from "@/api/model";
import type { LiveJob } from "@/features/audits/live/events";
import { STAGE_WORDS, STAGES } from "@/features/audits/stages";
import { secondsBetween } from "@/format/dates";
import { roughly } from "@/format/numbers";

export interface StageView {
  stage: Stage;
  state: JobState;
  done: number; // share of the stage that is done, 0 to 1
  shards: number;
  shardsDone: number;
  estimate: number | null;
  actual: number | null; // seconds of work so far, summed over shards
  left: number | null; // seconds left by estimate and progress, at the present number of workers
  late: boolean; // it takes longer than estimated, by an unknown time
  workers: { name: string; since: string | null }[]; // that run its jobs now
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

/**
 * Return the duration of the whole job: by its pace where progress is known, else by its estimate.
 */
function expectedSeconds(job: LiveJob, now: Date): number | null {
  const part = partDone(job);
  if (part === 0 || job.started_at === null) return job.estimate_seconds;
  const heard = job.progress_at ? new Date(job.progress_at) : now;
  return secondsBetween(job.started_at, null, heard) / part;
}

/** Return the seconds left of a job, never below 0. Null without an estimate. */
function secondsLeft(job: LiveJob, now: Date): number | null {
  if (job.state === "succeeded") return 0;
  const expected = expectedSeconds(job, now);
  if (expected === null) return null;
  if (job.state !== "running" || job.started_at === null) return expected * (1 - partDone(job));
  return Math.max(0, expected - secondsBetween(job.started_at, null, now));
}

/**
 * Return the seconds left of a stage: the work of its shards divided by its workers, at least the
 * longest shard.
 */
function stageLeft(jobs: readonly LiveJob[], now: Date): number | null {
  const left = jobs.map((job) => secondsLeft(job, now));
  if (left.every((seconds) => seconds === null)) return null;
  const known = left.map((seconds) => seconds ?? 0);
  const workers = new Set(jobs.flatMap((job) => (job.state === "running" && job.worker ? [job.worker] : []))).size;
  return Math.max(...known, known.reduce((sum, seconds) => sum + seconds, 0) / Math.max(1, workers));
}

/** Return the workers that run these jobs now, each since the start of the job that it took first. */
function workersOf(jobs: readonly Job[]): StageView["workers"] {
  const since = new Map<string, string | null>();
  for (const { state, worker, started_at } of jobs) {
    if (state !== "running" || !worker) continue;
    const known = since.get(worker);
    since.set(worker, known && started_at ? (known < started_at ? known : started_at) : (started_at ?? known ?? null));
  }
  return [...since].map(([name, at]) => ({ name, since: at }));
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
        workers: workersOf(own),
        attempts: Math.max(...own.map((job) => job.attempt)),
        failed: own.find((job) => job.state === "failed") ?? null,
      },
    ];
  });
}

/** Return the seconds left over all stages. Null without an estimate. */
export function remainingSeconds(views: readonly StageView[]): number | null {
  if (views.every((view) => view.estimate === null)) return null;
  return views.reduce((sum, view) => sum + (view.left ?? 0), 0);
}

/** Return the time left in words, by the estimates, the pace and the time passed. */
export function timeLeft(views: readonly StageView[]): string {
  const left = remainingSeconds(views);
  if (left === null) return "No estimate.";
  const late = views.find((view) => view.late);
  const about = `About ${roughly(left)} left.`;
  if (!late) return about;
  const slow = `${STAGE_WORDS[late.stage].name} takes longer than estimated.`;
  return left < 1 ? slow : `${slow} About ${roughly(left)} left after it.`;
}
