import { describe, expect, it } from "vitest";
import { emptySchedule, problemsOf, requestOf } from "@/features/schedules/form";
import { localTime } from "@/features/schedules/times";
import { runWords } from "@/features/schedules/runs";
import { run } from "@/testing/fixtures";

const whole = { ...emptySchedule("tgt_1"), publicSet: "dst_1", declaredBy: " Dana ", statement: "Ours." };

describe("the form of a schedule", () => {
  it("needs a public set and a declaration of rights", () => {
    expect(Object.keys(problemsOf(emptySchedule("tgt_1")))).toEqual(["publicSet", "declaredBy", "statement"]);
    expect(problemsOf(whole)).toEqual({});
    expect(Object.keys(problemsOf({ ...whole, cron: " ", budget: "x" }))).toEqual(["cron", "budget"]);
  });

  it("asks for an audit of whatever release is newest", () => {
    const { audit, target_id } = requestOf({ ...whole, budget: "2.5" });
    expect(target_id).toBe("tgt_1");
    expect(audit).toMatchObject({ public_dataset_id: "dst_1", private_dataset_id: null, budget: 0.025, rights: { declared_by: "Dana", statement: "Ours." } });
    expect(audit).not.toHaveProperty("release_id");
  });
});

it("writes a due time as the clock of its zone shows it", () => {
  expect(localTime("2026-12-01T03:00:00+01:00")).toBe("Tue 1 Dec 2026, 03:00 (+01:00)");
  expect(localTime("2026-12-01T03:00:00Z")).toBe("Tue 1 Dec 2026, 03:00 (UTC)");
});

it("says why a run started no audit, and what it stands for", () => {
  expect(runWords(run(1, { detail: "Nothing changed." }))).toBe("Nothing changed.");
  expect(runWords(run(1, { missed: 2 }))).toBe("Also stands for 2 earlier due times.");
  expect(runWords(run(1, { trigger: "manual" }))).toBe("Started by hand.");
  expect(runWords(run(1))).toBe("–");
});
