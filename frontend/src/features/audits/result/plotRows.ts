// From a result document to the rows of its plot, and to the figures beside it.
import type { Figure, Result } from "@/api/model";
import { inOrder, labelOf } from "@/features/audits/figures";
import type { PlotRow, RowKind } from "@/plots/rows";

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
