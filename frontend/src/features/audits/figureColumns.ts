// The three columns of a figure in a table: value, 95 % interval and n.
import type { Figure } from "@/api/model";
import { figureText } from "@/features/audits/figures";
import { count } from "@/format/numbers";
import type { Column } from "@/ui/column";

export function figureColumns<Row>(figureOf: (row: Row) => Figure | null | undefined, name = "Value"): Column<Row>[] {
  const textOf = (row: Row) => {
    const figure = figureOf(row);
    return figure ? figureText(figure) : null;
  };
  return [
    { id: "value", header: name, align: "end", className: "whitespace-nowrap", cell: (row) => textOf(row)?.value ?? "–" },
    { id: "interval", header: "95 % interval", align: "end", className: "whitespace-nowrap", cell: (row) => textOf(row)?.interval },
    {
      id: "n",
      header: "n",
      align: "end",
      cell: (row) => {
        const n = figureOf(row)?.n;
        return typeof n === "number" ? count(n) : "";
      },
    },
  ];
}
