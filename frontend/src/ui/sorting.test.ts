import { describe, expect, it } from "vitest";
import { nextOrder, sorted } from "@/ui/sorting";

describe("sorted", () => {
  const by = (values: (string | number | boolean | null)[], down = false) => sorted(values, (value) => value, down);
  it("puts numbers in names in the order of their size, and capitals beside small letters", () => {
    expect(by(["b2", "B10", "a", "b1"])).toEqual(["a", "b1", "b2", "B10"]);
  });
  it("keeps rows without a value last in both directions", () => {
    expect(by([2, null, 3, 1])).toEqual([1, 2, 3, null]);
    expect(by([2, null, 3, 1], true)).toEqual([3, 2, 1, null]);
  });
  it("keeps the order of equal rows", () => {
    const rows = [{ id: 1, verified: false }, { id: 2, verified: true }, { id: 3, verified: false }];
    expect(sorted(rows, (row) => row.verified, true).map(({ id }) => id)).toEqual([2, 1, 3]);
  });
});

describe("nextOrder", () => {
  it("goes from the first direction to the other one and to none", () => {
    const first = nextOrder(null, "rank", true);
    expect(first).toEqual({ id: "rank", down: true });
    const second = nextOrder(first, "rank", true);
    expect(second).toEqual({ id: "rank", down: false });
    expect(nextOrder(second, "rank", true)).toBeNull();
  });
  it("begins anew with another column", () => {
    expect(nextOrder({ id: "rank", down: true }, "name")).toEqual({ id: "name", down: false });
  });
});
