import { describe, expect, it } from "vitest";
import { type AuditEvent, fold, type Live, merge, NOTHING_YET, parseEvent } from "@/features/audits/live/events";
import { job } from "@/testing/fixtures";

const attack = job(1, "attack", { state: "queued" });
const event = (seq: number, kind: string, payload: Record<string, unknown>): AuditEvent => ({
  seq,
  kind,
  at: `2026-11-23T22:00:${String(seq).padStart(2, "0")}Z`,
  payload: { job_id: attack.id, stage: "attack", shard: 0, shards: 1, ...payload },
});
const tell = (...events: AuditEvent[]): Live => events.reduce(fold, NOTHING_YET);

describe("fold", () => {
  it("follows a job from claim to end", () => {
    const live = tell(
      event(1, "job", { state: "running", attempt: 1, worker: "w1" }),
      event(2, "progress", { done: 300, total: 1200 }),
      event(3, "job", { state: "succeeded", attempt: 1, seconds: 2 }),
    );
    const [merged] = merge([attack], live);
    expect(merged).toMatchObject({ state: "succeeded", worker: "w1", done: 300, total: 1200 });
    expect(merged?.started_at).toBe("2026-11-23T22:00:01Z");
    expect(merged?.finished_at).toBe("2026-11-23T22:00:03Z");
    expect(merged?.progress_at).toBe("2026-11-23T22:00:02Z");
  });

  it("ignores events it has seen, so that a reconnect can send them again", () => {
    const first = tell(event(1, "job", { state: "running" }), event(2, "job", { state: "succeeded" }));
    expect(fold(first, event(1, "job", { state: "running" }))).toBe(first);
    expect(fold(first, event(2, "job", { state: "succeeded" }))).toBe(first);
  });

  it("starts a job afresh when it is queued again after its worker died", () => {
    const live = tell(
      event(1, "job", { state: "running", attempt: 1, worker: "w1" }),
      event(2, "progress", { done: 9, total: 10 }),
      event(3, "job", { state: "queued", attempt: 1 }),
    );
    expect(merge([attack], live)[0]).toMatchObject({ state: "queued", done: 0, worker: null, started_at: null });
  });

  it("keeps the findings of the stage `references`", () => {
    expect(tell(event(1, "references", { notes: ["No verifier judges these images."] })).notes).toEqual([
      "No verifier judges these images.",
    ]);
  });

  it("counts a kind it does not know, and changes nothing else", () => {
    const live = tell(event(1, "novelty", {}));
    expect(live).toEqual({ ...NOTHING_YET, seq: 1 });
  });
});

describe("parseEvent", () => {
  it("parses an event and returns null for other data", () => {
    expect(parseEvent('{"seq":4,"kind":"job","at":"2026-11-23T22:00:00Z","payload":{"state":"running"}}')?.seq).toBe(4);
    expect(parseEvent("not json")).toBeNull();
    expect(parseEvent('{"kind":"job"}')).toBeNull();
  });
});
