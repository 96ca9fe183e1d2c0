// From a result document to rows: label, format and order of a figure are the document's own.
import type { Figure, FigureFormat, Result } from "@/api/model";
import { capital } from "@/features/audits/noun";
import { decimal, decimalSpan, points, pointsSpan, share, span } from "@/format/numbers";
import type { PlotRow, RowKind } from "@/plots/rows";

/** In what form a figure is written; documents of older versions say it by the unit alone. */
function formatOf({ format, unit }: Figure): FigureFormat {
  if (format) return format;
  if (unit === "bits") return "bits";
  if (unit === "difference of shares") return "difference";
  return !unit || unit.startsWith("share") || unit.includes("accuracy") ? "share" : "number";
}

/** Value and 95 % interval of a figure in its own form; the interval is empty where there is none. */
export function figureText(figure: Figure): { value: string; interval: string } {
  switch (formatOf(figure)) {
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

/** What each control is: what it has of the model, and what not. */
const CONTROL_NOTES: Record<string, string> = {
  prior: "control: chosen without the model",
  "nearest-public": "control: chosen by the model’s scores",
  permuted: "control: taken for someone else",
  twin: "control: a model trained without them",
};

function row(id: string, kind: RowKind, figure: Figure | null | undefined, note: string, label?: string): PlotRow[] {
  if (!figure || typeof figure.value !== "number") return [];
  const { value, low = null, high = null, n = null } = figure;
  return [{ key: id, label: label ?? labelOf(id, figure), note, kind, value, low, high, n }];
}

const UNCALIBRATED = ["attack_accuracy_top1", "attack_accuracy_top5"];
const JUDGED_BY = "attack_accuracy_top1"; // where no verifiers are fit to judge
const PLOTTED = new Set(["risk", "verified", ...UNCALIBRATED]);

/** Risk first, then what it is made of, then the controls, then what is uncalibrated. */
export function plotRows({ risk, figures, controls, evidence_level: level }: Result): PlotRow[] {
  return [
    ...row("risk", "risk", risk, "beyond the strongest control", risk?.label ? undefined : "Risk R"),
    ...row("verified", "measured", figures.verified, "ranked first and above the threshold"),
    ...inOrder(controls).flatMap(([id, figure]) =>
      row(`control-${id}`, "control", figure, CONTROL_NOTES[id] ?? "control", figure.label ? undefined : `Control: ${id}`),
    ),
    ...UNCALIBRATED.flatMap((id) => row(id, "uncalibrated", figures[id], level === "evaluator" && id === JUDGED_BY ? "decides here" : "decides nothing")),
  ];
}

/** Figures of the result that are not on the plot. */
export function otherFigures({ figures }: Result): { key: string; label: string; figure: Figure }[] {
  return inOrder(figures)
    .filter(([id]) => !PLOTTED.has(id))
    .map(([id, figure]) => ({ key: id, label: labelOf(id, figure), figure }));
}
