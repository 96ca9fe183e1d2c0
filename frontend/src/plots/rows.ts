// What an interval plot draws: figures that are shares, each with its interval, n and kind.

export type RowKind = "risk" | "measured" | "control" | "uncalibrated";

export interface PlotRow {
  key: string;
  label: string;
  note?: string;
  kind: RowKind;
  value: number;
  low: number | null;
  high: number | null;
  n: number | null;
}

/** A table of the rows, as it is shown and exported. */
export function rowsToTable(rows: readonly PlotRow[]): { header: string[]; body: (string | number | null)[][] } {
  return {
    header: ["figure", "kind", "value", "low_95", "high_95", "n"],
    body: rows.map((row) => [row.label, row.kind, row.value, row.low, row.high, row.n]),
  };
}
