// The rows of an interval plot.

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

/** Return the rows as a table for export. */
export function rowsToTable(rows: readonly PlotRow[]): { header: string[]; body: (string | number | null)[][] } {
  return {
    header: ["figure", "kind", "value", "low_95", "high_95", "n"],
    body: rows.map((row) => [row.label, row.kind, row.value, row.low, row.high, row.n]),
  };
}
