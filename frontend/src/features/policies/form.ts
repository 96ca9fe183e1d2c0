// The form of a policy: its values, their problems, and the document.
import type { FormFields } from "@/api/faults";
import type { Attack, PolicyDocument } from "@/api/model";

export type RegressionChoice = "off" | "auto" | "number";
type Severity = "fail" | "warn";

export interface PolicyForm {
  name: string;
  whiteBox: string; // budgets in percent, empty: not asked
  scores: string;
  labels: string;
  evidence: PolicyDocument["evidence"];
  fewest: string;
  attacks: readonly Attack[];
  inconclusive: PolicyDocument["inconclusive"];
  regression: RegressionChoice;
  tolerance: string; // points of R
  regressionSeverity: Severity;
  newFindings: Severity | "off";
  days: string; // empty: a verdict does not age
  sameEngine: boolean;
  freshnessSeverity: Severity;
  nameIdentities: boolean;
}

export type PolicyProblems = Partial<Record<keyof PolicyForm, string>>;

/** The fields that problems of the service are about. */
export const FIELDS: FormFields<keyof PolicyForm> = {
  paths: {
    name: "name",
    "policy.budgets.white_box": "whiteBox",
    "policy.budgets.scores": "scores",
    "policy.budgets.labels": "labels",
    "policy.fewest_identities": "fewest",
    "policy.regression.tolerance": "tolerance",
    "policy.freshness.days": "days",
  },
  codes: { name_taken: "name" },
};

const percent = (share: number | null | undefined): string => (typeof share === "number" ? String(Number((share * 100).toPrecision(6))) : "");
const share = (text: string): number | null => (text.trim() === "" ? null : Number((Number(text) / 100).toPrecision(6)));

/** Return the form of a stored policy, or of the defaults. */
export function formOf(name: string, policy?: PolicyDocument): PolicyForm {
  const { budgets, regression, freshness } = policy ?? {};
  const tolerance = regression?.tolerance;
  return {
    name,
    whiteBox: policy ? percent(budgets?.white_box) : "5",
    scores: percent(budgets?.scores),
    labels: percent(budgets?.labels),
    evidence: policy?.evidence ?? "verified",
    fewest: String(policy?.fewest_identities ?? 1),
    attacks: policy?.attacks ?? [],
    inconclusive: policy?.inconclusive ?? "fail",
    regression: !regression ? "off" : typeof tolerance === "number" ? "number" : "auto",
    tolerance: typeof tolerance === "number" ? percent(tolerance) : "2",
    regressionSeverity: regression?.severity ?? "fail",
    newFindings: policy?.new_findings ?? "off",
    days: freshness?.days == null ? "" : String(freshness.days),
    sameEngine: freshness?.same_engine ?? false,
    freshnessSeverity: freshness?.severity ?? "fail",
    nameIdentities: policy?.name_identities ?? false,
  };
}

/** Return what must be corrected before the service is asked. */
export function problemsOf(form: PolicyForm): PolicyProblems {
  const problems: PolicyProblems = {};
  if (form.name.trim() === "") problems.name = "Enter a name.";
  for (const field of ["whiteBox", "scores", "labels"] as const) {
    const value = Number(form[field]);
    if (form[field].trim() !== "" && !(value > 0 && value < 100)) problems[field] = "Enter a number above 0 and below 100, or nothing.";
  }
  if (!/^[1-9]\d*$/.test(form.fewest.trim())) problems.fewest = "Enter a whole number of at least 1.";
  if (form.regression === "number" && !(Number(form.tolerance) >= 0 && Number(form.tolerance) <= 100 && form.tolerance.trim() !== "")) {
    problems.tolerance = "Enter a number from 0 to 100.";
  }
  if (form.days.trim() !== "" && !/^[1-9]\d*$/.test(form.days.trim())) problems.days = "Enter a whole number of days, or nothing.";
  return problems;
}

/** Return the policy, exhume.policy/1. */
export function documentOf(form: PolicyForm): PolicyDocument {
  const ages = form.days.trim() !== "" || form.sameEngine;
  return {
    schema: "exhume.policy/1",
    budgets: { white_box: share(form.whiteBox), scores: share(form.scores), labels: share(form.labels) },
    evidence: form.evidence,
    fewest_identities: Number(form.fewest),
    attacks: [...form.attacks],
    inconclusive: form.inconclusive,
    regression:
      form.regression === "off"
        ? null
        : { tolerance: form.regression === "auto" ? "auto" : (share(form.tolerance) ?? 0), severity: form.regressionSeverity },
    new_findings: form.newFindings === "off" ? null : form.newFindings,
    freshness: ages ? { days: form.days.trim() === "" ? null : Number(form.days), same_engine: form.sameEngine, severity: form.freshnessSeverity } : null,
    name_identities: form.nameIdentities,
  };
}
