// The header of a column, with a button where its table can be sorted by it.
import type { Column } from "@/ui/column";
import { Icon } from "@/ui/Icon";
import { nextOrder, type SortOrder } from "@/ui/sorting";

interface Props<Row> {
  column: Column<Row>;
  sorting?: { order: SortOrder | null; onChange: (order: SortOrder | null) => void };
}

export function ColumnHeader<Row>({ column: { id, header, align, sort }, sorting }: Props<Row>) {
  const order = sorting?.order?.id === id ? sorting.order : null;
  const up = order?.down === false;
  return (
    <th scope="col" className={align === "end" ? "number" : undefined} aria-sort={order ? (up ? "ascending" : "descending") : undefined}>
      {sort && sorting ? (
        <span className="inline-flex items-center gap-1">
          {header}
          <button
            type="button"
            onClick={() => sorting.onChange(nextOrder(sorting.order, id, sort.downFirst))}
            aria-label={`Sort by ${sort.words}`}
            className={`hover:bg-hover inline-flex size-5 items-center justify-center rounded ${order ? "text-ink" : "text-ink-3"}`}
          >
            <Icon name={up ? "up" : "chevron"} className={order ? "size-3.5" : "size-3.5 opacity-60"} />
          </button>
        </span>
      ) : (
        header
      )}
    </th>
  );
}
