import { describe, expect, it } from "vitest";
import { documentOf, formOf, problemsOf } from "@/features/policies/form";
import { conditions } from "@/features/policies/summary";
import { policyDocument } from "@/testing/fixtures";

describe("the form of a policy", () => {
  it("gives back the document that it was opened with", () => {
    expect(documentOf(formOf("-", policyDocument))).toEqual(policyDocument);
    const other = { ...policyDocument, regression: { tolerance: 0.025, severity: "fail" as const }, new_findings: null, freshness: null };
    expect(documentOf(formOf("-", other))).toEqual(other);
  });

  it("begins with the defaults of the service", () => {
    expect(documentOf(formOf("new"))).toMatchObject({
      budgets: { white_box: 0.05, scores: null, labels: null },
      evidence: "verified",
      inconclusive: "fail",
      regression: null,
      new_findings: null,
      freshness: null,
    });
  });

  it("finds what cannot be a number", () => {
    const form = { ...formOf("", policyDocument), whiteBox: "0", labels: "x", fewest: "1.5", days: "0", regression: "number" as const, tolerance: "" };
    expect(Object.keys(problemsOf(form)).sort()).toEqual(["days", "fewest", "labels", "name", "tolerance", "whiteBox"]);
    expect(problemsOf(formOf("new", policyDocument))).toEqual({});
  });
});

it("says a policy in words, one line for each condition", () => {
  const lines = conditions(policyDocument).map((line) => line.replaceAll("\u00a0", " "));
  expect(lines).toContain("R with the weights is below 5 %.");
  expect(lines).toContain("At least 20 identities are audited.");
  expect(lines).toContain("An R that rises significantly above that of the last release that passed is a warning.");
  expect(lines).toContain("A verdict older than 30 days fails the gate.");
  expect(lines.some((line) => line.includes("labels"))).toBe(false);
});
