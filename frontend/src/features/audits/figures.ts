// Figures of a result document in words. Label, format and order come from the document.
import type { Figure } from "@/api/model";
import { capital } from "@/features/audits/noun";
import { decimal, decimalSpan, points, pointsSpan, share, span } from "@/format/numbers";

/**
 * Return value and 95 % interval of a figure in its format, by default as a share. The interval is
 * empty where there is none.
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

/** Return the label of a figure. Documents of older versions have only its id. */
export function labelOf(id: string, figure: Figure): string {
  return capital(figure.label ?? id.replaceAll("_", " "));
}

type Named = [id: string, figure: Figure];

/**
 * Return the measured figures in the order of the document. JSON objects in a database have no
 * order.
 */
export function inOrder(figures: Record<string, Figure | null | undefined>): Named[] {
  return Object.entries(figures)
    .filter((entry): entry is Named => typeof entry[1]?.value === "number")
    .sort(([one, a], [other, b]) => (a.order ?? Infinity) - (b.order ?? Infinity) || one.localeCompare(other));
}
