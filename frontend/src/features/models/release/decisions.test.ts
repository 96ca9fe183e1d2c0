import { describe, expect, it } from "vitest";
import type { Examination } from "@/api/model";
import { declarationsOf } from "@/features/audits/Rights";
import { decisionsOf } from "@/features/models/release/decisions";
import { ago, audit, release, summary } from "@/testing/fixtures";

function checked(change: Partial<Examination>) {
  const one = release(1);
  return decisionsOf({ ...one, examination: { ...one.examination, ...change } as Examination });
}

describe("the decisions of the checks", () => {
  it("are sentences on what was recognised, converted and left out of weights", () => {
    const made = checked({
      detected: true,
      source: { format: "torch-zip", wrapper: ["model"], prefix: "module.", left_out: ["loss.weight"], key_map: { a: "b" }, others: [["ema"]] },
      also_fits: ["timm/other"],
      class_order: { source: "idx_to_class", agrees: false, confirmed: true },
      notes: ["A note."],
    });
    expect(made.recognised).toContain("The file is PyTorch state_dict.");
    expect(made.recognised).toContain("The weights were found under model.");
    expect(made.converted).toEqual(["The prefix “module.” was removed from every name.", "1 tensor was renamed."]);
    expect(made.leftOut).toEqual(["Losses, metrics and counters: loss.weight."]);
    expect(made.warnings).toEqual([
      "Other weights in the file fit too, under ema. They are not audited.",
      "idx_to_class in the file has another order of the classes. The order of the description was confirmed.",
      expect.stringMatching(/^The weights also fit timm\/other/),
      "A note.",
    ]);
  });

  it("name the program, the operators and the convention of a graph", () => {
    const made = checked({
      source: { format: "onnx", producer: "pytorch 2.9", opset: 18, operators: ["Conv", "Gemm"], key_map: {}, left_out: ["Softmax"], scale: 64, channels_last: true, first_steps: { seen: [-1, 1], suggested: { mean: [0], std: [1] } } },
    });
    expect(made.recognised).toContain("pytorch 2.9 wrote it, with opset 18 and the operators Conv, Gemm.");
    expect(made.converted).toHaveLength(2);
    expect(made.leftOut).toEqual(["Activations after the last layer: Softmax."]);
    expect(made.warnings).toHaveLength(1);
  });

  it("are empty before the checks end", () => {
    const made = decisionsOf(release(1, { examination: null }));
    expect(Object.values(made).flat()).toEqual([]);
  });
});

it("lists a declaration once, with the number of its audits", () => {
  const given = { declared_by: "Dana", declaration: "Ours." };
  const rows = declarationsOf([
    summary(audit(1, { ...given, created_at: ago(1) })),
    summary(audit(2, { ...given, created_at: ago(9) })),
    summary(audit(3, { ...given, declaration: "Theirs." })),
  ]);
  expect(rows.map(({ by, words, audits }) => [by, words, audits])).toEqual([
    ["Dana", "Ours.", 2],
    ["Dana", "Theirs.", 1],
  ]);
  expect(rows[0]?.newest).toBe(ago(1));
});
