// Sorting the rows of a table by one column.

export type SortValue = string | number | boolean | null | undefined;

export interface SortOrder {
  /** The id of the column. */
  id: string;
  down: boolean;
}

export interface Sortable<Row> {
  value: (row: Row) => SortValue;
  /** The column in the label of its button: "Sort by likeness". */
  words: string;
  /** Whether the first click puts the largest value on top. */
  downFirst?: boolean;
}

const collator = new Intl.Collator("en", { numeric: true });

function compare(one: NonNullable<SortValue>, other: NonNullable<SortValue>): number {
  return typeof one === "string" || typeof other === "string" ? collator.compare(String(one), String(other)) : Number(one) - Number(other);
}

/**
 * Return the rows in the order of their values. Equal rows keep their order, and rows without a
 * value come last.
 */
export function sorted<Row>(rows: readonly Row[], value: (row: Row) => SortValue, down: boolean): Row[] {
  return [...rows].sort((a, b) => {
    const [one, other] = [value(a), value(b)];
    if (one === null || one === undefined) return other === null || other === undefined ? 0 : 1;
    if (other === null || other === undefined) return -1;
    return down ? compare(other, one) : compare(one, other);
  });
}

/**
 * Return the order after a click on a column: its first direction, then the other one, then none.
 */
export function nextOrder(order: SortOrder | null, id: string, downFirst = false): SortOrder | null {
  if (order?.id !== id) return { id, down: downFirst };
  return order.down === downFirst ? { id, down: !downFirst } : null;
}
