// A figure of a result document in words: label, format and order are the document's own.
import type { Figure } from "@/api/model";
import { capital } from "@/features/audits/noun";
import { decimal, decimalSpan, points, pointsSpan, share, span } from "@/format/numbers";

/** Value and 95 % interval of a figure in its own form, or else as a share; the interval is empty where there is none. */
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

/** What a figure is called; documents of older versions have its id alone. */
export function labelOf(id: string, figure: Figure): string {
  return capital(figure.label ?? id.replaceAll("_", " "));
}

type Named = [id: string, figure: Figure];

/** Those that were measured, in the order of the document; JSON objects in a database have none. */
export function inOrder(figures: Record<string, Figure | null | undefined>): Named[] {
  return Object.entries(figures)
    .filter((entry): entry is Named => typeof entry[1]?.value === "number")
    .sort(([one, a], [other, b]) => (a.order ?? Infinity) - (b.order ?? Infinity) || one.localeCompare(other));
}
