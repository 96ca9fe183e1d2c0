// The curves of searches as bands of a plot and as rows of a table.
import type { Curve } from "@/api/model";
import type { Band } from "@/plots/BandPlot";

export interface CurveRow {
  part: number;
  step: number;
  rows: number;
  loss: Curve["points"][number]["loss"];
  confidence: Curve["points"][number]["confidence"];
}

export interface AttackCurves {
  attack: number;
  label: string;
  loss: Band[];
  confidence: Band[];
  rows: CurveRow[];
}

/** Return the curves of each attack of the plan. Lines are named by number, from 1. */
export function byAttack(curves: readonly Curve[]): AttackCurves[] {
  const attacks = [...new Set(curves.map(({ attack }) => attack))];
  return attacks.map((attack) => {
    const own = curves.filter((curve) => curve.attack === attack);
    return {
      attack,
      label: own[0]?.label ?? "",
      loss: own.map(({ part, points }) => ({ name: String(part + 1), points: points.map(({ step, loss }) => ({ x: step, low: loss.low, mid: loss.median, high: loss.high })) })),
      confidence: own
        .map(({ part, points }) => ({
          name: String(part + 1),
          points: points.flatMap(({ step, confidence }) => (confidence ? [{ x: step, low: confidence.low, mid: confidence.median, high: confidence.high }] : [])),
        }))
        .filter(({ points }) => points.length > 0),
      rows: own.flatMap(({ part, points }) => points.map(({ step, rows, loss, confidence }) => ({ part: part + 1, step, rows, loss, confidence }))),
    };
  });
}

export const CSV_HEADER = ["part", "step", "searches", "loss_low", "loss_median", "loss_high", "confidence_low", "confidence_median", "confidence_high"];

export const csvRow = ({ part, step, rows, loss, confidence }: CurveRow) => [
  part, step, rows, loss.low, loss.median, loss.high, confidence?.low ?? null, confidence?.median ?? null, confidence?.high ?? null,
];
