import { describe, expect, it } from "vitest";
import { auditCommand, shellWord } from "@/features/audits/command";
import { contaminationSentence, intakeSentence } from "@/features/audits/Checks";
import { byExposure, decisiveScore, margin, worstRank } from "@/features/audits/exposure";
import { figureText, otherFigures, plotRows } from "@/features/audits/figures";
import { emptyForm, NONE, problemsOf, requestOf, takeFrom } from "@/features/audits/form";
import { identityCsv } from "@/features/audits/identityColumns";
import { validateAuditSearch } from "@/features/audits/search";
import { bundled, dataset, identities, outcome, release, result, twinRelease } from "@/testing/fixtures";

describe("plotRows", () => {
  it("puts the risk first and what is uncalibrated last", () => {
    expect(plotRows(result).map((row) => [row.label, row.kind])).toEqual([
      ["Risk R", "risk"],
      ["Verified success", "measured"],
      ["Control: prior", "control"],
      ["Control: permuted", "control"],
      ["Attack accuracy, top-1", "uncalibrated"],
      ["Attack accuracy, top-5", "uncalibrated"],
    ]);
  });
  it("leaves out what was not measured", () => {
    const rows = plotRows({ ...result, risk: null, figures: { verified: { value: null } }, controls: {} });
    expect(rows).toEqual([]);
  });
  it("keeps every other figure for the table", () => {
    expect(otherFigures(result).map(({ key }) => key)).toEqual(["control", "target_accuracy", "overfitting_gap"]);
  });
});

describe("figureText", () => {
  it("speaks the unit of the figure", () => {
    expect(figureText({ value: 0.27, low: 0.13, high: 0.43, unit: "difference of shares" })).toEqual({ value: "+0.27", interval: "0.13 to 0.43" });
    expect(figureText({ value: 6.04, low: 5.1, high: 7, unit: "bits" })).toEqual({ value: "6.0 bits", interval: "5.1 to 7.0" });
    expect(figureText({ value: 0.5, unit: "share of identities" })).toEqual({ value: "0.50", interval: "" });
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
  it("is decided by the verifier with the smallest margin", () => {
    expect(decisiveScore(outcome(3))?.judge).toBe("omniglot-resnet-arcface");
    const identity = outcome(0);
    expect(margin(identity)).toBeCloseTo((identity.similarity ?? 0) - 0.62);
  });
  it("needs the worst rank over the verifiers", () => {
    const identity = { ...outcome(0), scores: outcome(0).scores.map((score, i) => ({ ...score, rank: i === 0 ? 1 : 4 })) };
    expect(worstRank(identity)).toBe(4);
  });
  it("ranks recognised identities first, then by margin", () => {
    const ordered = byExposure([...identities].reverse());
    const firstMiss = ordered.findIndex((one) => one.verified === false);
    expect(ordered.slice(firstMiss).every((one) => one.verified === false)).toBe(true);
    const margins = ordered.slice(0, firstMiss).map((one) => margin(one) ?? 0);
    expect(margins).toEqual([...margins].sort((a, b) => b - a));
  });
  it("does not fail without verifiers", () => {
    const bare = { ...outcome(1), scores: [], similarity: null, verified: null };
    expect(byExposure([bare])).toEqual([bare]);
    expect(margin(bare)).toBeNull();
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
    expect(problemsOf({ ...filled, verifiers: ["a"] }, choices).verifiers).toContain("Two verifiers");
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
