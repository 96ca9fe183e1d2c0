import { describe, expect, it } from "vitest";
import { otherFigures, plotRows } from "@/features/audits/result/plotRows";
import { result } from "@/testing/fixtures";

describe("plotRows", () => {
  it("puts the risk first and uncalibrated figures last, with the labels of the document", () => {
    expect(plotRows(result).map((row) => [row.label, row.kind])).toEqual([
      ["Risk R", "risk"],
      ["Recognised by every verifier", "measured"],
      ["Generator samples", "control"],
      ["Nearest public image", "control"],
      ["Reconstructions of others", "control"],
      ["Attack accuracy, top-1 (uncalibrated)", "uncalibrated"],
      ["Attack accuracy, top-5 (uncalibrated)", "uncalibrated"],
    ]);
  });
  it("says what each control takes from the release", () => {
    const notes = Object.fromEntries(plotRows(result).map(({ key, note }) => [key, note]));
    expect(notes).toMatchObject({
      "controls.prior": "control: chosen without the release",
      "controls.nearest-public": "control: chosen by the scores of the release",
      "controls.permuted": "control: compared with someone else",
    });
  });
  it("leaves out what was not measured", () => {
    const rows = plotRows({ ...result, risk: null, figures: {}, controls: {} });
    expect(rows).toEqual([]);
  });
  it("keeps every other figure for the table, in the order of the document", () => {
    expect(otherFigures(result).map(({ key }) => key)).toEqual(["control", "target_accuracy", "overfitting_gap", "identity_bits", "member_gap"].map((id) => `figures.${id}`));
  });
});
