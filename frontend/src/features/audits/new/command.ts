// The `exhume` command that starts the same audit as the form.
import type { Attack, Combination, Effort, PriorChoice, ReleasePlan, Setting } from "@/api/model";
import { shellWord } from "@/format/shell";

export interface CommandParts {
  release: string;
  publicSet: string;
  privateSet: string | null;
  gallery?: string | null;
  verifiers?: readonly string[];
  twin?: string | null;
  /** Null or left out: the service chooses. */
  prior?: PriorChoice | null;
  releasePlan?: ReleasePlan | null;
  /** Empty: the service chooses. */
  attacks: readonly Attack[];
  combination?: Combination;
  setting?: Setting | null;
  identities: number | null;
  seed: number;
  effort: Effort;
  budget: number;
  stopEarly?: boolean;
  declaredBy: string;
  statement: string;
  project?: string;
}

function attackOptions(attacks: readonly Attack[]): [string, string | null][] {
  if (attacks.length > 1) return [["--attacks", attacks.join(",")]];
  return [["--attack", attacks[0] ?? null]];
}

export function auditCommand(parts: CommandParts): string {
  const options: [string, string | null][] = [
    ["--project", parts.project ?? null],
    ["--release", parts.release],
    ["--public", parts.publicSet],
    ["--private", parts.privateSet],
    ["--gallery", parts.gallery ?? null],
    ...(parts.verifiers ?? []).map((name): [string, string] => ["--verifier", name]),
    ["--twin", parts.twin ?? null],
    ["--prior", parts.prior ?? null],
    ["--release-plan", parts.releasePlan ?? null],
    ...attackOptions(parts.attacks),
    ["--combination", parts.combination === "strongest" ? "strongest" : null],
    ["--setting", parts.setting ?? null],
    ["--identities", parts.identities === null ? null : String(parts.identities)],
    ["--seed", parts.seed === 0 ? null : String(parts.seed)],
    ["--effort", parts.effort === "standard" ? null : parts.effort],
    ["--budget", parts.budget === 0.05 ? null : String(parts.budget)],
    ["--declared-by", parts.declaredBy || "YOU"],
    ["--rights", parts.statement || "WHY YOU MAY"],
  ];
  const lines = options.flatMap(([name, value]) => (value === null ? [] : [`${name} ${shellWord(value)}`]));
  if (parts.stopEarly) lines.push("--stop-early");
  return ["exhume audit start", ...lines].join(" \\\n  ");
}
