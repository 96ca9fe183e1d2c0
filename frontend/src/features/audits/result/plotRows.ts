// The rows of the risk plot, and the further figures of a result.
import type { CatalogueFigure, Result } from "@/api/model";
import { inOrder, labelOf } from "@/features/audits/figures";
import type { PlotRow, RowKind } from "@/plots/rows";

/** What each control takes from the release. */
const CONTROL_NOTES: Record<string, string> = {
  prior: "control: chosen without the release",
  "nearest-public": "control: chosen by the scores of the release",
  permuted: "control: compared with someone else",
  twin: "control: a model trained without them",
};

function row(path: string, kind: RowKind, figure: CatalogueFigure | null | undefined, note: string): PlotRow[] {
  if (!figure) return [];
  const { value, low, high, n } = figure;
  return [{ key: path, label: labelOf(figure), note, kind, value, low, high, n }];
}

const UNCALIBRATED = ["attack_accuracy_top1", "attack_accuracy_top5"];
const JUDGED_BY = "attack_accuracy_top1"; // decides where no two verifiers are accurate enough
const PLOTTED = new Set(["risk", "verified", ...UNCALIBRATED]);

/**
 * Return the risk, the figures it is computed from, the controls and the uncalibrated figures, in
 * this order.
 */
export function plotRows({ risk, figures, controls, evidence_level: level }: Result): PlotRow[] {
  return [
    ...row("risk", "risk", risk, "beyond the strongest control"),
    ...row("figures.verified", "measured", figures.verified, "ranked first and above the threshold"),
    ...inOrder(controls).flatMap(([id, figure]) => row(`controls.${id}`, "control", figure, CONTROL_NOTES[id] ?? "control")),
    ...UNCALIBRATED.flatMap((id) => row(`figures.${id}`, "uncalibrated", figures[id], level === "evaluator" && id === JUDGED_BY ? "decides here" : "decides nothing")),
  ];
}

/** Return the figures that are not on the plot. */
export function otherFigures({ figures }: Result): { key: string; label: string; figure: CatalogueFigure }[] {
  return inOrder(figures)
    .filter(([id]) => !PLOTTED.has(id))
    .map(([id, figure]) => ({ key: `figures.${id}`, label: labelOf(figure), figure }));
}
