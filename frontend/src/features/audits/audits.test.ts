import { describe, expect, it } from "vitest";
import type { Figure } from "@/api/model";
import { auditCommand, shellWord } from "@/features/audits/command";
import { contaminationSentence, intakeSentence } from "@/features/audits/Checks";
import { byExposure, isRanked, margin } from "@/features/audits/exposure";
import { figureText, otherFigures, plotRows } from "@/features/audits/figures";
import { emptyForm, NONE, problemsOf, requestOf, takeFrom } from "@/features/audits/form";
import { identityCsv } from "@/features/audits/identityColumns";
import { validateAuditSearch } from "@/features/audits/search";
import { bundled, dataset, identities, outcome, release, result, twinRelease } from "@/testing/fixtures";

const plain = (text: string) => text.replaceAll("\u00a0", " ");

describe("plotRows", () => {
  it("puts the risk first and what is uncalibrated last, each by the document's own label", () => {
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
  it("says of each control what it has of the model", () => {
    const notes = Object.fromEntries(plotRows(result).map(({ key, note }) => [key, note]));
    expect(notes).toMatchObject({
      "control-prior": "control: chosen without the model",
      "control-nearest-public": "control: chosen by the model’s scores",
      "control-permuted": "control: taken for someone else",
    });
  });
  it("leaves out what was not measured", () => {
    const rows = plotRows({ ...result, risk: null, figures: { verified: { value: null } }, controls: {} });
    expect(rows).toEqual([]);
  });
  it("keeps every other figure for the table, in the order of the document", () => {
    expect(otherFigures(result).map(({ key }) => key)).toEqual(["control", "target_accuracy", "overfitting_gap", "identity_bits", "member_gap"]);
  });
  it("shows documents that have no labels by the ids of their figures", () => {
    const old = { value: 0.5, low: 0.4, high: 0.6, n: 10, unit: "share of identities" };
    const rows = plotRows({ ...result, risk: old, figures: { verified: old }, controls: { prior: old } });
    expect(rows.map(({ label }) => label)).toEqual(["Risk R", "Verified", "Control: prior"]);
    expect(otherFigures({ ...result, figures: { target_accuracy: old } })[0]?.label).toBe("Target accuracy");
  });
});

describe("figureText", () => {
  const text = (figure: Figure) => Object.values(figureText(figure)).map(plain);
  it("speaks the format of the figure", () => {
    expect(text({ value: 0.125, low: 0.1, high: 0.2, format: "share" })).toEqual(["12.5 %", "10 % to 20 %"]);
    expect(text({ value: 0.27, low: 0.13, high: 0.43, format: "difference" })).toEqual(["+27 points", "+13 to +43 points"]);
    expect(text({ value: 6.04, low: 5.1, high: 7, format: "bits" })).toEqual(["6.040 bits", "5.100 to 7.000"]);
    expect(text({ value: -0.0123, low: -0.04, high: 0.015, format: "number" })).toEqual(["−0.012", "−0.040 to 0.015"]);
  });
  it("knows it by the unit where a document of an older version does not say it", () => {
    expect(text({ value: 0.27, low: 0.13, high: 0.43, unit: "difference of shares" })).toEqual(["+27 points", "+13 to +43 points"]);
    expect(text({ value: 6.04, unit: "bits" })).toEqual(["6.040 bits", ""]);
    expect(text({ value: 0.5, unit: "share of identities" })).toEqual(["50 %", ""]);
    expect(text({ value: 0.5, unit: "mean accuracy over identities" })).toEqual(["50 %", ""]);
    expect(text({ value: 0.5, unit: "squared L2" })).toEqual(["0.500", ""]);
  });
});

describe("intakeSentence", () => {
  it("says how far the sandbox went, and what else the weights fit", () => {
    expect(intakeSentence(result)).toBe("The checkpoint (safetensors) was opened in a full sandbox: without network, new processes, or files but its own.");
    const other = { format: "torch-zip", sandbox: "limits", also_fits: ["timm/resnetblur18"] } as const;
    const said = intakeSentence({ ...result, intake: { ...other, also_fits: [...other.also_fits] } });
    expect(said).toContain("no sandbox");
    expect(said).toContain("fit timm/resnetblur18 as well");
    expect(intakeSentence({ ...result, intake: undefined })).toBeNull();
  });
});

describe("contaminationSentence", () => {
  it("tells found from not found from not looked for", () => {
    expect(contaminationSentence({ ...result, contamination: { compared: true, exact: 0, near: 0 } })).toContain("No private image");
    expect(contaminationSentence({ ...result, contamination: { compared: true, exact: 2, near: 1 } })).toContain("2 private images, 1 near-duplicate");
    expect(contaminationSentence({ ...result, contamination: { compared: false } })).toContain("not compared");
    expect(contaminationSentence({ ...result, contamination: { compared: true, exact: 0, near: 1, alike: 2 } })).toContain("3 near-duplicates");
    expect(contaminationSentence({ ...result, contamination: undefined })).toBeNull();
  });
});

describe("exposure", () => {
  it("is measured under the verifier that the service says decides, and nowhere computed again", () => {
    // the other verifier's score is lower: whoever took the lowest, or the worst rank, would say something else
    const shown = { ...outcome(0), verifier: "b", similarity: 0.55, threshold: 0.5, rank: 1 };
    const scores = shown.scores.map((score) => ({ ...score, similarity: 0.1, threshold: 0.05, rank: 9 }));
    expect(margin({ ...shown, scores })).toBeCloseTo(0.05);
    const { header, body } = identityCsv([{ ...shown, scores }]);
    expect(Object.fromEntries(header.map((name, at) => [name, body[0]?.[at]]))).toMatchObject({ similarity: 0.55, threshold: 0.5, rank: 1, verifier: "b" });
  });
  it("has the order of the named list: by strength, whatever was verified", () => {
    const named = result.named?.map(({ identity }) => identity) ?? [];
    const ordered = byExposure([...identities].reverse()).map(({ identity }) => identity);
    expect(ordered.slice(0, named.length)).toEqual(named);
    const unranked = identities.map((one) => ({ ...one, rank_exposed: null })).reverse();
    expect(byExposure(unranked).map(({ identity }) => identity)).toEqual(ordered);
  });
  it("is no order at all where no strength was measured", () => {
    const bare = identities.map((one) => ({ ...one, rank_exposed: null, details: {}, similarity: null }));
    expect(isRanked(bare)).toBe(false);
    expect(byExposure([...bare].reverse()).map(({ identity }) => identity)).toEqual(bare.map(({ identity }) => identity));
    expect(bare.map(margin)).toEqual(bare.map(() => null));
  });
  it("exports one line for each identity", () => {
    const { header, body } = identityCsv(identities);
    expect(body).toHaveLength(30);
    expect(body.every((row) => row.length === header.length)).toBe(true);
  });
});

describe("auditCommand", () => {
  it("leaves defaults out and quotes for the shell", () => {
    const command = auditCommand({
      release: "badge reader:1",
      publicSet: "five",
      privateSet: null,
      attack: "gmi",
      identities: null,
      seed: 0,
      effort: "standard",
      budget: 0.05,
      declaredBy: "Dana's team",
      statement: "",
    });
    expect(command).toBe(
      "exhume audit start \\\n  --release 'badge reader:1' \\\n  --public five \\\n  --declared-by 'Dana'\\''s team' \\\n  --rights 'WHY YOU MAY'",
    );
  });
  it("names a setting and a prior that were chosen", () => {
    const parts = { release: "a:1", publicSet: "five", privateSet: null, attack: "gmi", identities: null, seed: 0 } as const;
    const command = auditCommand({ ...parts, setting: "lomma", prior: "trained", effort: "standard", budget: 0.05, declaredBy: "Dana", statement: "ours" });
    expect(command).toContain("--prior trained \\\n  --setting lomma");
  });
  it("never lets a name break out of its word", () => {
    expect(shellWord("$(rm -rf /)")).toBe("'$(rm -rf /)'");
    expect(shellWord("a;b")).toBe("'a;b'");
    expect(shellWord("")).toBe("''");
  });
});

describe("the form of a new audit", () => {
  const choices = { releases: [release(2)], datasets: [dataset(1), dataset(2, { role: "private" })], verifiers: [], bundled };
  const filled = { ...takeFrom(emptyForm({}), choices), declaredBy: "Dana", statement: "We own this model.", agreed: true };

  it("chooses what there is only one of", () => {
    expect(filled).toMatchObject({ release: release(2).id, publicSet: dataset(1).id, privateSet: dataset(2).id });
  });
  it("makes the request, percent as a share", () => {
    expect(problemsOf(filled, choices)).toEqual({});
    expect(requestOf({ ...filled, budget: "2,5", all: false, identities: "30" })).toMatchObject({
      budget: 0.025,
      identities: 30,
      private_dataset_id: dataset(2).id,
      rights: { declared_by: "Dana", statement: "We own this model." },
    });
  });
  it("asks for judges, twin, prior and release plan, and says the same on the command line", () => {
    expect(requestOf(filled)).toMatchObject({ verifiers: null, gallery_dataset_id: null, setting: null, prior: null, release_plan: null });
    expect(requestOf(filled)).not.toHaveProperty("twin_release_id"); // left out: the newest one
    const chosen = { ...filled, verifiers: ["a", "b"], gallery: dataset(4).id, twin: NONE, prior: "built-in", releasePlan: "hosted" } as const;
    expect(requestOf(chosen)).toMatchObject({
      verifiers: ["a", "b"],
      gallery_dataset_id: dataset(4).id,
      twin_release_id: null,
      prior: "built-in",
      release_plan: "hosted",
    });
    expect(problemsOf({ ...filled, verifiers: ["a"] }, choices).verifiers).toContain("Choose two or more");
  });
  it("never takes a twin for the model under audit", () => {
    expect(takeFrom(emptyForm({}), { ...choices, releases: [release(2), twinRelease] }).release).toBe(release(2).id);
  });
  it("does not start without a declaration", () => {
    const problems = problemsOf({ ...filled, agreed: false, statement: "yes", declaredBy: "" }, choices);
    expect(Object.keys(problems).sort()).toEqual(["agreed", "declaredBy", "statement"]);
  });
  it("goes without private images only when somebody chose so", () => {
    expect(problemsOf({ ...filled, privateSet: "" }, choices).privateSet).toBeDefined();
    expect(problemsOf({ ...filled, privateSet: NONE }, choices)).toEqual({});
    expect(requestOf({ ...filled, privateSet: NONE })?.private_dataset_id).toBeNull();
  });
  it("knows how many identities there are", () => {
    expect(problemsOf({ ...filled, all: false, identities: "91" }, choices).identities).toContain("90");
    expect(problemsOf({ ...filled, all: false, identities: "two" }, choices).identities).toBeDefined();
  });
  it("refuses a budget that is no budget", () => {
    for (const budget of ["", "0", "100", "-1", "x"]) expect(problemsOf({ ...filled, budget }, choices).budget).toBeDefined();
  });
});

describe("validateAuditSearch", () => {
  it("keeps what it knows and drops the rest", () => {
    expect(validateAuditSearch({ show: "verified", find: "", sort: "name", down: true, grid: 24.7, other: 1 })).toEqual({
      show: "verified",
      sort: "name",
      down: true,
      grid: 24,
    });
    expect(validateAuditSearch({ show: "everything", grid: -3 })).toEqual({});
  });
});
