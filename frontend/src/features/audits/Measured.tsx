// A figure in a sentence or a cell: its value, 95 % interval and n, as in the result.
import type { Figure } from "@/api/model";
import { figureText } from "@/features/audits/figures";
import { count } from "@/format/numbers";

interface Props {
  /** Path in the result document, such as `power` or `twin.q`. */
  id: string;
  figure: Figure;
  className?: string;
}

/** "94 % (74 % to 100 %, n 16)". */
export function Measured({ id, figure, className }: Props) {
  const text = figureText(figure);
  const n = typeof figure.n === "number";
  return (
    <span data-figure={id} className={className ?? "figures"}>
      <span data-part="value">{text.value}</span>
      {(text.interval !== "" || n) && " ("}
      {text.interval !== "" && <span data-part="interval">{text.interval}</span>}
      {text.interval !== "" && n && ", "}
      {n && (
        <span className="whitespace-nowrap">
          n <span data-part="n">{count(figure.n)}</span>
        </span>
      )}
      {(text.interval !== "" || n) && ")"}
    </span>
  );
}
