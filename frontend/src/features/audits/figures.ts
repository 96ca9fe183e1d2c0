// Figures of a result document in words. Label, format and order come from the document.
import type { CatalogueFigure, Figure } from "@/api/model";
import { capital } from "@/features/audits/noun";
import { decimal, decimalSpan, points, pointsSpan, share, span } from "@/format/numbers";

/**
 * Return value and 95 % interval of a figure in its format. A measurement without a format is a
 * share. The interval is empty where there is none.
 */
export function figureText(figure: Figure): { value: string; interval: string } {
  switch (figure.format ?? "share") {
    case "share":
      return { value: share(figure.value), interval: span(figure) };
    case "difference":
      return { value: points(figure.value), interval: pointsSpan(figure) };
    case "bits":
      return { value: `${decimal(figure.value)}\u00a0bits`, interval: decimalSpan(figure) };
    case "number":
      return { value: decimal(figure.value), interval: decimalSpan(figure) };
  }
}

/** Return the label of a figure, as it begins a line. */
export function labelOf({ label }: CatalogueFigure): string {
  return capital(label);
}

type Named = [id: string, figure: CatalogueFigure];

/**
 * Return the figures in the order of the document. JSON objects in a database have no
 * order.
 */
export function inOrder(figures: Record<string, CatalogueFigure>): Named[] {
  return Object.entries(figures).sort(([one, a], [other, b]) => a.order - b.order || one.localeCompare(other));
}
