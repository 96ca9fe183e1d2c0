import { describe, expect, it } from "vitest";
import { toCsv } from "@/plots/csv";
import { rowsToTable } from "@/plots/rows";
import { apart, linear, ticks } from "@/plots/scale";

describe("linear", () => {
  const x = linear([0, 1], [100, 300]);
  it("maps a share onto pixels", () => {
    expect(x(0)).toBe(100);
    expect(x(0.25)).toBe(150);
    expect(x(1)).toBe(300);
  });
  it("keeps marks inside the plot", () => {
    expect(x(-0.2)).toBe(100);
    expect(x(1.3)).toBe(300);
  });
  it("turns around for an axis that grows upwards", () => {
    expect(linear([-1, 1], [100, 0])(0)).toBe(50);
  });
  it("maps a domain of one value to its start instead of dividing by zero", () => {
    expect(linear([3, 3], [10, 20])(3)).toBe(10);
  });
});

describe("ticks", () => {
  it("are rounded", () => {
    expect(ticks(0, 1, 5)).toEqual([0, 0.2, 0.4, 0.6, 0.8, 1]);
  });
});

describe("apart", () => {
  it("keeps the order of places, and a gap between them", () => {
    expect(apart([20, 18, 60], 14)).toEqual([32, 18, 60]);
    expect(apart([5], 14)).toEqual([5]);
  });
});

describe("toCsv", () => {
  it("quotes what needs it and ends every line", () => {
    expect(toCsv(["name", "n"], [['a "b", c', 3], ["plain", null]])).toBe('name,n\r\n"a ""b"", c",3\r\nplain,\r\n');
  });
  it("disarms cells that a spreadsheet would run, but not negative numbers", () => {
    expect(toCsv(["a"], [["=1+1"], ["@x"], [-0.05]])).toBe("a\r\n'=1+1\r\n'@x\r\n-0.05\r\n");
  });
  it("writes booleans as words", () => {
    expect(toCsv(["v"], [[true], [false]])).toBe("v\r\ntrue\r\nfalse\r\n");
  });
});

describe("rowsToTable", () => {
  it("carries value, interval and n of each figure in full precision", () => {
    const table = rowsToTable([{ key: "risk", label: "Risk R", kind: "risk", value: 0.71234, low: 0.6, high: null, n: 30 }]);
    expect(table.header).toEqual(["figure", "kind", "value", "low_95", "high_95", "n"]);
    expect(table.body).toEqual([["Risk R", "risk", 0.71234, 0.6, null, 30]]);
  });
});
