// The table of the dashboard, with typed columns, a caption, and scrolling by keyboard.
import { Fragment, type ReactNode, useState } from "react";
import { count } from "@/format/numbers";
import { Button } from "@/ui/Button";
import { classes } from "@/ui/classes";
import type { Column } from "@/ui/column";
import { ColumnHeader } from "@/ui/ColumnHeader";
import { sorted, type SortOrder } from "@/ui/sorting";
import { useOverflow } from "@/ui/useOverflow";

interface Props<Row> {
  /** The content of the table, for screen readers. */
  caption: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  rowKey: (row: Row) => string | number;
  rowProps?: (row: Row) => { className?: string } & Record<`data-${string}`, string | number | undefined>;
  /** Returns a block below a row, such as notes or a problem. It is as wide as the page. */
  details?: (row: Row) => ReactNode;
  /** Shown where there are no rows. */
  empty?: ReactNode;
  /** Classes for the width of the table, such as a minimum at which its columns can be read. */
  width?: string;
  /** The number of rows that are shown at first. A button shows all. */
  first?: number;
  className?: string;
  sorting?: { order: SortOrder | null; onChange: (order: SortOrder | null) => void };
}

export function DataTable<Row>({ caption, columns, rows, rowKey, rowProps, details, empty, width, first = Infinity, className, sorting }: Props<Row>) {
  const [frame, overflows] = useOverflow<HTMLDivElement>();
  const [whole, setWhole] = useState(false);
  const order = sorting?.order ?? null;
  const by = columns.find(({ id }) => id === order?.id)?.sort;
  if (rows.length === 0 && empty) return <p className={classes("text-ink-3 text-sm", className)}>{empty}</p>;
  const region = overflows ? { role: "region", tabIndex: 0, "aria-label": `${caption}, scrollable` } : {};
  const ordered = order && by ? sorted(rows, by.value, order.down) : rows;
  const table = (
    <div ref={frame} className={classes("relative -mx-2 overflow-x-auto px-2", details && "@container", className)} {...region}>
      <table className={classes("data-table", width)}>
        <caption className="sr-only">{caption}</caption>
        {columns.some((column) => column.width) && (
          <colgroup>
            {columns.map((column) => (
              <col key={column.id} className={column.width} />
            ))}
          </colgroup>
        )}
        <thead>
          <tr>
            {columns.map((column) => (
              <ColumnHeader key={column.id} column={column} sorting={sorting} />
            ))}
          </tr>
        </thead>
        <tbody>
          {(whole ? ordered : ordered.slice(0, first)).map((row) => {
            const more = details?.(row);
            return (
              <Fragment key={rowKey(row)}>
                <tr {...rowProps?.(row)}>
                  <Cells columns={columns} row={row} />
                </tr>
                {more && (
                  <tr className="hover:!bg-transparent">
                    <td colSpan={columns.length} className="!pb-4">
                      <div className="sticky left-2 w-[calc(100cqi-1rem)]">{more}</div>
                    </td>
                  </tr>
                )}
              </Fragment>
            );
          })}
        </tbody>
      </table>
    </div>
  );
  if (rows.length <= first) return table;
  return (
    <>
      {table}
      <Button look="quiet" className="mt-2" aria-expanded={whole} onClick={() => setWhole(!whole)}>
        {whole ? `Show the first ${count(first)} rows only` : `Show all ${count(rows.length)} rows`}
      </Button>
    </>
  );
}

function Cells<Row>({ columns, row }: { columns: readonly Column<Row>[]; row: Row }) {
  let covered = 0; // columns that the last cell spans
  return columns.map((column) => {
    const span = column.span?.(row) ?? {};
    if (covered > 0 || span.rows === 0) {
      covered = Math.max(0, covered - 1);
      return null;
    }
    covered = (span.columns ?? 1) - 1;
    const props = {
      "data-part": column.id,
      colSpan: span.columns,
      rowSpan: span.rows,
      className: classes(column.align === "end" && "number", column.className) || undefined,
      children: column.cell(row),
    };
    return column.rowHeader ? <th key={column.id} scope="row" {...props} /> : <td key={column.id} {...props} />;
  });
}
