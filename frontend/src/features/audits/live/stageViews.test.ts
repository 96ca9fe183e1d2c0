import { describe, expect, it } from "vitest";
import type { LiveJob } from "@/features/audits/live/events";
import { remainingSeconds, stageViews, timeLeft } from "@/features/audits/live/stageViews";
import { job } from "@/testing/fixtures";

const now = new Date("2026-11-23T22:10:00Z");

describe("stageViews", () => {
  it("sums the shards of a stage: progress, estimate and work so far", () => {
    const [attack] = stageViews(
      [
        job(1, "attack", { state: "succeeded", shards: 2, estimate_seconds: 40, started_at: "2026-11-23T22:08:00Z", finished_at: "2026-11-23T22:09:00Z" }),
        job(2, "attack", { state: "running", shard: 1, shards: 2, estimate_seconds: 40, started_at: "2026-11-23T22:09:30Z", worker: "w2", done: 25, total: 100 }),
      ],
      now,
    );
    expect(attack).toMatchObject({ state: "running", shards: 2, shardsDone: 1, done: 0.625, estimate: 80, actual: 90, workers: [{ name: "w2", since: "2026-11-23T22:09:30Z" }] });
  });

  it("keeps the order of the stages and leaves out those the plan has not", () => {
    const views = stageViews([job(1, "score"), job(2, "prepare", { state: "succeeded" })], now);
    expect(views.map((view) => view.stage)).toEqual(["prepare", "score"]);
  });

  it("calls a stage failed as soon as one shard failed", () => {
    const [view] = stageViews([job(1, "attack", { state: "succeeded" }), job(2, "attack", { state: "failed" })], now);
    expect(view?.state).toBe("failed");
    expect(view?.failed?.id).toBe(job(2, "attack").id);
  });
});

describe("remainingSeconds", () => {
  const started = "2026-11-23T22:09:40Z"; // 20 seconds ago
  const left = (...jobs: LiveJob[]) => remainingSeconds(stageViews(jobs, now));
  const attack = (change: Partial<LiveJob>): LiveJob => ({ ...job(1, "attack", { state: "running", worker: "w1", started_at: started, estimate_seconds: 60 }), ...change });

  it("counts the work left", () => {
    const views = stageViews(
      [
        job(1, "prepare", { state: "succeeded", estimate_seconds: 4 }),
        job(2, "students", { state: "running", estimate_seconds: 40, done: 1, total: 4 }),
        job(3, "verify", { estimate_seconds: 9 }),
      ],
      now,
    );
    expect(remainingSeconds(views)).toBe(39);
  });
  it("subtracts the time passed from an estimate", () => {
    expect(left(attack({}))).toBe(40);
    expect(remainingSeconds(stageViews([attack({})], new Date("2026-11-23T22:10:30Z")))).toBe(10);
  });
  it("goes by the pace so far, and shrinks until more is heard", () => {
    const heard = { done: 1, total: 10, progress_at: "2026-11-23T22:09:50Z" }; // a tenth in ten seconds
    expect(left(attack(heard))).toBe(80);
    expect(remainingSeconds(stageViews([attack(heard)], new Date("2026-11-23T22:10:10Z")))).toBe(70);
  });
  it("is never negative, and says which stage is late", () => {
    const views = stageViews([attack({ estimate_seconds: 5 })], now);
    expect(remainingSeconds(views)).toBe(0);
    expect(views[0]?.late).toBe(true);
    expect(timeLeft(views)).toBe("Attack takes longer than estimated.");
    const more = stageViews([attack({ estimate_seconds: 5 }), job(2, "verify", { estimate_seconds: 90 })], now);
    expect(timeLeft(more)).toBe("Attack takes longer than estimated. About 2 min left after it.");
  });
  it("shares the parts of a stage among the workers that are on it", () => {
    const parts = [attack({}), attack({ id: "b", worker: "w2" }), job(3, "attack", { estimate_seconds: 60 }), job(4, "attack", { estimate_seconds: 60 })];
    expect(left(...parts)).toBe(100); // 40 + 40 + 60 + 60 by two
    expect(left(attack({}), attack({ id: "b", worker: "w2", estimate_seconds: 500 }))).toBe(480); // no less than the longest
  });
  it("is unknown without estimates", () => {
    expect(left(job(1, "prepare", { estimate_seconds: null }))).toBeNull();
    expect(timeLeft(stageViews([job(1, "prepare", { estimate_seconds: null })], now))).toBe("No estimate.");
  });
});
