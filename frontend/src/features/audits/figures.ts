// From a result document to the rows of its interval plot.
import type { Figure, Result } from "@/api/model";
import { range, share, signedShare } from "@/format/numbers";
import type { PlotRow, RowKind } from "@/plots/rows";

const CONTROL_LABELS: Record<string, string> = {
  prior: "Control: prior",
  permuted: "Control: permuted",
  "nearest-public": "Control: nearest public",
  twin: "Control: twin",
};

function row(key: string, label: string, kind: RowKind, figure: Figure | null | undefined, note?: string): PlotRow[] {
  if (!figure || typeof figure.value !== "number") return [];
  return [
    {
      key,
      label,
      note,
      kind,
      value: figure.value,
      low: figure.low ?? null,
      high: figure.high ?? null,
      n: figure.n ?? null,
    },
  ];
}

/** Risk first, then what it is made of, then the controls, then what is uncalibrated and decides nothing. */
export function plotRows(result: Result): PlotRow[] {
  const { figures, controls } = result;
  return [
    ...row("risk", "Risk R", "risk", result.risk, "beyond the strongest control"),
    ...row("verified", "Verified success", "measured", figures.verified, "recognised by every verifier"),
    ...Object.entries(controls).flatMap(([name, figure]) =>
      row(`control-${name}`, CONTROL_LABELS[name] ?? `Control: ${name}`, "control", figure, "reached without the model"),
    ),
    ...row("top1", "Attack accuracy, top-1", "uncalibrated", figures.attack_accuracy_top1, "uncalibrated"),
    ...row("top5", "Attack accuracy, top-5", "uncalibrated", figures.attack_accuracy_top5, "uncalibrated"),
  ];
}

const OTHER_LABELS: Record<string, string> = {
  target_accuracy: "Accuracy under the target",
  overfitting_gap: "MI-overfitting gap, target minus verifiers",
  overfitting_gap_evaluator: "MI-overfitting gap, target minus evaluator",
  rank1_all_verifiers: "Rank 1 under every verifier",
  identity_bits: "Identity bits",
  control: "Strongest control",
};
const PLOTTED = new Set(["verified", "attack_accuracy_top1", "attack_accuracy_top5"]);

/** A figure in its own unit: shares with two digits, differences with a sign, bits as bits. */
export function figureText(figure: Figure): { value: string; interval: string } {
  if (figure.unit === "bits") {
    const bits = (value: number) => value.toFixed(1);
    const ends = typeof figure.low === "number" && typeof figure.high === "number" ? [figure.low, figure.high] : [];
    return { value: `${bits(figure.value ?? 0)} bits`, interval: ends.map(bits).join(" to ") };
  }
  const value = figure.unit === "difference of shares" ? signedShare(figure.value) : share(figure.value);
  return { value, interval: range(figure) };
}

/** Figures of the result that are not on the plot, with names for people. */
export function otherFigures(result: Result): { key: string; label: string; figure: Figure }[] {
  return Object.entries(result.figures).flatMap(([key, figure]) =>
    PLOTTED.has(key) || !figure || typeof figure.value !== "number"
      ? []
      : [{ key, label: OTHER_LABELS[key] ?? key.replaceAll("_", " "), figure }],
  );
}
