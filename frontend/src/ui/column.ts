// A column of a table.
import type { ReactNode } from "react";
import type { Sortable } from "@/ui/sorting";

export interface Column<Row> {
  /** Unique in the table, and the `data-part` of its cells. */
  id: string;
  header: ReactNode;
  cell: (row: Row) => ReactNode;
  /** Columns of numbers are aligned at the end. */
  align?: "end";
  /** Whether the cells are the headers of their rows. */
  rowHeader?: boolean;
  /** Classes of the cells. */
  className?: string;
  /** Class for the width of the column, in a table of fixed layout. */
  width?: string;
  /** The columns and rows that a cell spans. A cell with 0 rows is covered by one above it. */
  span?: (row: Row) => { columns?: number; rows?: number };
  sort?: Sortable<Row>;
}
