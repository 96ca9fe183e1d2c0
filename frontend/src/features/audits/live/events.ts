// Events of a running audit, folded into the present state of its jobs.
import type { Job, JobState, Stage } from "@/api/model";

export interface AuditEvent {
  seq: number;
  kind: string;
  at: string;
  payload: Record<string, unknown>;
}

/** A job, with the time of its last progress event. */
export type LiveJob = Job & { progress_at?: string };

export interface Live {
  seq: number;
  jobs: Record<string, Partial<LiveJob>>;
  /** Findings of the stage `references`, as sentences. */
  notes: readonly string[];
}

export const NOTHING_YET: Live = { seq: 0, jobs: {}, notes: [] };

export const EVENT_KINDS = ["audit", "job", "progress", "samples", "references", "frozen", "result"] as const;

/** Return the next state. An event seen before, as after a reconnect, changes nothing. */
export function fold(live: Live, event: AuditEvent): Live {
  if (event.seq <= live.seq) return live;
  const next = { ...live, seq: event.seq };
  const { payload } = event;
  const id = typeof payload.job_id === "string" ? payload.job_id : null;
  if (event.kind === "job" && id) {
    const state = payload.state as JobState;
    const change: Partial<LiveJob> = {
      id,
      stage: payload.stage as Stage,
      shard: number(payload.shard) ?? 0,
      shards: number(payload.shards) ?? 1,
      state,
      attempt: number(payload.attempt) ?? 0,
      problem: (payload.problem as Job["problem"] | undefined) ?? null,
    };
    if (typeof payload.worker === "string") change.worker = payload.worker;
    if (state === "running") change.started_at = event.at;
    if (state === "succeeded" || state === "failed" || state === "cancelled") change.finished_at = event.at;
    if (state === "queued") Object.assign(change, { started_at: null, finished_at: null, worker: null, done: 0, progress_at: undefined });
    return { ...next, jobs: { ...live.jobs, [id]: { ...live.jobs[id], ...change } } };
  }
  if (event.kind === "progress" && id) {
    const change: Partial<LiveJob> = { id, done: number(payload.done) ?? 0, total: number(payload.total) ?? 0, progress_at: event.at };
    return { ...next, jobs: { ...live.jobs, [id]: { ...live.jobs[id], ...change } } };
  }
  if (event.kind === "references" && Array.isArray(payload.notes)) {
    return { ...next, notes: payload.notes.filter((note) => typeof note === "string") };
  }
  return next;
}

/** Return the jobs of a snapshot with the events since then. */
export function merge(snapshot: readonly Job[], live: Live, taken?: number): LiveJob[] {
  const progress_at = taken ? new Date(taken).toISOString() : undefined;
  return snapshot.map((job) => ({ ...job, progress_at, ...live.jobs[job.id] }));
}

/** Parse an event of the stream. Return null where it is not one. */
export function parseEvent(data: string): AuditEvent | null {
  try {
    const value = JSON.parse(data) as Partial<AuditEvent>;
    if (typeof value.seq !== "number" || typeof value.kind !== "string") return null;
    return { seq: value.seq, kind: value.kind, at: value.at ?? new Date().toISOString(), payload: value.payload ?? {} };
  } catch {
    return null;
  }
}

function number(value: unknown): number | null {
  return typeof value === "number" ? value : null;
}
