import { describe, expect, it } from "vitest";
import { remainingSeconds, stageViews } from "@/features/audits/stages";
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
    expect(attack).toMatchObject({ state: "running", shards: 2, shardsDone: 1, done: 0.625, estimate: 80, actual: 90, workers: ["w2"] });
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
  it("counts what is not done yet", () => {
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
  it("is unknown without estimates", () => {
    expect(remainingSeconds(stageViews([job(1, "prepare", { estimate_seconds: null })], now))).toBeNull();
  });
});
