import { describe, expect, it } from "vitest";
import { emptyForm, NONE, problemsOf, requestOf, takeFrom } from "@/features/audits/new/form";
import { bundled, dataset, release, twinRelease } from "@/testing/fixtures";

describe("the form of a new audit", () => {
  const choices = { releases: [release(2)], datasets: [dataset(1), dataset(2, { role: "private" })], verifiers: [], bundled };
  const filled = { ...takeFrom(emptyForm(), choices), declaredBy: "Dana", statement: "We own this model.", agreed: true };

  it("fills fields with only one choice", () => {
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
  it("requests verifiers, twin, prior and release plan", () => {
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
  it("requests one attack by its name, and a portfolio as a list", () => {
    expect(requestOf(filled)).not.toHaveProperty("attack"); // left out: those of the effort
    expect(requestOf(filled)).not.toHaveProperty("attacks");
    expect(requestOf({ ...filled, attack: "gmi" })).toMatchObject({ attack: "gmi" });
    const both = requestOf({ ...filled, attack: "gmi", others: [{ name: "kedmi" }] });
    expect(both).toMatchObject({ attacks: ["gmi", { name: "kedmi" }] });
    expect(both).not.toHaveProperty("attack");
  });
  it("never chooses a twin as the release", () => {
    expect(takeFrom(emptyForm(), { ...choices, releases: [release(2), twinRelease] }).release).toBe(release(2).id);
  });
  it("does not start without a declaration", () => {
    const problems = problemsOf({ ...filled, agreed: false, statement: "yes", declaredBy: "" }, choices);
    expect(Object.keys(problems).sort()).toEqual(["agreed", "declaredBy", "statement"]);
  });
  it("leaves out private images only by choice", () => {
    expect(problemsOf({ ...filled, privateSet: "" }, choices).privateSet).toBeDefined();
    expect(problemsOf({ ...filled, privateSet: NONE }, choices)).toEqual({});
    expect(requestOf({ ...filled, privateSet: NONE })?.private_dataset_id).toBeNull();
  });
  it("rejects more identities than the release has", () => {
    expect(problemsOf({ ...filled, all: false, identities: "91" }, choices).identities).toContain("90");
    expect(problemsOf({ ...filled, all: false, identities: "two" }, choices).identities).toBeDefined();
  });
  it("rejects an invalid budget", () => {
    for (const budget of ["", "0", "100", "-1", "x"]) expect(problemsOf({ ...filled, budget }, choices).budget).toBeDefined();
  });
});
