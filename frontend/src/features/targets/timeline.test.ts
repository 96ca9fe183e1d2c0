import { describe, expect, it } from "vitest";
import type { Regression } from "@/api/model";
import { changeOf, onlyPoint, standing, timelinePoints, timelineRows, timelineTable } from "@/features/targets/timeline";
import { ago, audit, hex, release, result, summary } from "@/testing/fixtures";

const of = (n: number) => ({ ...audit(1).release, id: `rel_${hex(n)}` });
const noRisk = { verdict: null, risk: null, risk_low: null, risk_high: null } as const;

describe("the timeline of a target", () => {
  const first = release(1, { created_at: ago(300) });
  const second = release(2, { created_at: ago(200) });
  const third = release(3, { created_at: ago(100) });
  const twin = release(4, { twin_of: first.id });

  it("lists releases newest first, and leaves out twins", () => {
    const rows = timelineRows([first, third, twin, second], []);
    expect(rows.map(({ release: { id } }) => id)).toEqual([third.id, second.id, first.id]);
  });

  it("shows the newest audit with a result, and not a replay of an older one", () => {
    const audits = [
      audit(1, { release: of(1), created_at: ago(50), verdict: "PASS", risk: 0.01 }),
      audit(2, { release: of(1), created_at: ago(90) }),
      audit(3, { release: of(1), created_at: ago(10), replay_of: audit(2).id }),
    ];
    const [row] = timelineRows([first], audits.map(summary));
    expect(row?.audit?.verdict).toBe("PASS");
    expect(row?.later).toBeNull();
  });

  it("says what is going on where there is no risk", () => {
    const [running, failed, none] = timelineRows(
      [first, second, third],
      [
        summary(audit(1, { ...noRisk, release: of(3), state: "running" })),
        summary(audit(2, { ...noRisk, release: of(2), state: "failed" })),
      ],
    );
    expect(running && standing(running)).toBe("An audit is running.");
    expect(failed && standing(failed)).toBe("The audit ended without a result.");
    expect(none && standing(none)).toBe("Not audited yet.");
  });

  it("marks a release whose interval of the difference lies above zero", () => {
    const made = result.regression;
    const compared = (low: number) => ({ ...made, difference: { ...made?.difference, value: 0.2, low, high: 0.3 } }) as Regression;
    const rows = timelineRows([second], [summary(audit(1, { release: of(2) }))]);
    const points = (low: number) => timelinePoints(rows, new Map([[audit(1).id, compared(low)]]));
    expect(points(0.1)[0]?.rise).toMatch(/^R \+20.*against 2026\.10\.9-dp$/);
    expect(points(-0.1)[0]?.rise).toBeUndefined();
    expect(changeOf(compared(-0.1))?.worse).toBe(false);
    expect(changeOf({ difference: null, reason: "Nothing earlier." })).toBeNull();
  });

  it("says the only measured risk in a sentence", () => {
    const [point] = timelinePoints(timelineRows([second], [summary(audit(1, { release: of(2) }))]));
    const sentence = (change: object) => point && onlyPoint({ ...point, ...change }).replaceAll("\u00a0", " ");
    expect(sentence({})).toContain("R of 2026.11.2 is 71 %, with a 95 % interval of 60 % to 80 % and a budget of 5 %.");
    expect(sentence({ low: null, high: null, budget: null })).toContain("R of 2026.11.2 is 71 %.");
  });

  it("draws oldest first what its table has", () => {
    const rows = timelineRows([first, second, release(5, { state: "refused" })], [summary(audit(1, { release: of(2) }))]);
    const points = timelinePoints(rows);
    expect(points.map(({ value }) => value)).toEqual([null, 0.71]);
    expect(timelineTable(points).body).toEqual([
      ["2026.11.1", null, null, null, null, null, null],
      ["2026.11.2", "FAIL", 0.71, 0.6, 0.8, 0.05, null],
    ]);
  });
});
