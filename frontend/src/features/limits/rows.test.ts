import { expect, it } from "vitest";
import { limitRows } from "@/features/limits/rows";
import { projectLimits } from "@/testing/fixtures";

it("shows what is used of each limit, and which limits are the project's own", () => {
  const rows = new Map(limitRows(projectLimits).map((row) => [row.name, row]));
  expect(rows.get("stored_bytes")).toMatchObject({ used: "50.0 GiB", limit: "200 GiB", share: 0.25, own: true });
  expect(rows.get("processor_seconds")).toMatchObject({ used: "2 h 01 min", limit: "none", share: null, own: false });
  expect(rows.get("device_seconds")).toMatchObject({ used: "15 min 00 s", limit: "1 h 00 min", share: 0.25 });
  expect(rows.get("weight")).toMatchObject({ used: "–", limit: "1", share: null });
});

it("is full where nothing is allowed, and never fuller than full", () => {
  const shares = (stored: number, used: number) =>
    limitRows({ ...projectLimits, limits: { ...projectLimits.limits, stored_bytes: stored }, used: { ...projectLimits.used, stored_bytes: used } })[0]?.share;
  expect([shares(0, 0), shares(10, 30)]).toEqual([1, 1]);
});

it("has a row for every limit", () => {
  expect(limitRows(projectLimits).map(({ name }) => name).sort()).toEqual(Object.keys(projectLimits.limits).sort());
});
