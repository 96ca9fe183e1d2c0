// The stages of an audit as they stand: state, progress, estimate and actual time, from its jobs.
import type { Job, JobState, Stage } from "@/api/model";
import { secondsBetween } from "@/format/dates";

export const STAGES: readonly Stage[] = ["prepare", "prior", "students", "attack", "controls", "verify", "power", "score"];

export const STAGE_WORDS: Record<Stage, { name: string; does: string }> = {
  prepare: { name: "Prepare", does: "looks for private images among the public ones" },
  prior: { name: "Prior", does: "trains, or reuses, the generator on public images" },
  students: { name: "Students", does: "distils small copies of the target" },
  attack: { name: "Attack", does: "reconstructs identities, then freezes and hashes them" },
  controls: { name: "Controls", does: "does the same without the leak" },
  verify: { name: "Verify", does: "opens the references and compares" },
  power: { name: "Power", does: "attacks a model known to leak, by the same plan" },
  score: { name: "Score", does: "computes the risk, its interval and the verdict" },
};

export interface StageView {
  stage: Stage;
  state: JobState;
  done: number; // part of the stage that is done, 0 to 1
  shards: number;
  shardsDone: number;
  estimate: number | null;
  actual: number | null; // seconds of work so far, summed over shards
  workers: string[];
  attempts: number;
  running: Job[];
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

export function stageViews(jobs: readonly Job[], now: Date): StageView[] {
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
        workers: [...new Set(own.filter((job) => job.state === "running").flatMap((job) => (job.worker ? [job.worker] : [])))],
        attempts: Math.max(...own.map((job) => job.attempt)),
        running: own.filter((job) => job.state === "running"),
        failed: own.find((job) => job.state === "failed") ?? null,
      },
    ];
  });
}

/** Seconds still to go: what is estimated for the rest, never less than nothing; null when nothing was estimated. */
export function remainingSeconds(views: readonly StageView[]): number | null {
  if (views.every((view) => view.estimate === null)) return null;
  return views.reduce((sum, view) => {
    if (view.state === "succeeded") return sum;
    return sum + Math.max(0, (view.estimate ?? 0) * (1 - view.done));
  }, 0);
}
