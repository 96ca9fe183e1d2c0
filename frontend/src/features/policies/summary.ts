// A policy in words, one line for each condition.
import { ATTACK_WORDS } from "@/features/audits/new/options";
import type { PolicyDocument } from "@/api/model";
import { givenShare, plural } from "@/format/numbers";

const ACCESS = { white_box: "with the weights", scores: "with scores", labels: "with labels" } as const;
const OUTCOMES = { fail: "fails the gate", warn: "is a warning", pass: "passes" } as const;

/** Return the conditions of a policy. */
export function conditions(policy: PolicyDocument): string[] {
  const { budgets, regression, freshness, new_findings: newFindings } = policy;
  const said: string[] = [];
  for (const [access, words] of Object.entries(ACCESS)) {
    const budget = budgets[access as keyof typeof ACCESS];
    if (typeof budget === "number") said.push(`R ${words} is below ${givenShare(budget)}.`);
  }
  said.push(`The evidence level is at least ${policy.evidence}.`);
  if (policy.fewest_identities > 1) said.push(`At least ${plural(policy.fewest_identities, "identity", "identities")} are audited.`);
  if (policy.attacks.length > 0) said.push(`These attacks have run: ${policy.attacks.map((attack) => ATTACK_WORDS[attack].name).join(", ")}.`);
  said.push(`What the evidence does not decide ${OUTCOMES[policy.inconclusive]}.`);
  if (regression) {
    const limit = typeof regression.tolerance === "number" ? `by more than ${givenShare(regression.tolerance)}` : "significantly";
    said.push(`An R that rises ${limit} above that of the last release that passed ${OUTCOMES[regression.severity]}.`);
  }
  if (newFindings) said.push(`An identity that is named for the first time ${OUTCOMES[newFindings]}.`);
  if (freshness?.days != null) said.push(`A verdict older than ${plural(freshness.days, "day")} ${OUTCOMES[freshness.severity]}.`);
  if (freshness?.same_engine) said.push(`A verdict of another version of the engine ${OUTCOMES[freshness.severity]}.`);
  said.push(policy.name_identities ? "Reports name exposed identities." : "Reports keep names out.");
  return said;
}
