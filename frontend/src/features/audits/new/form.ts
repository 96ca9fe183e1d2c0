// The form of a new audit: its values, their problems, and the request.
import type { Attack, AttackChoice, AuditRequest, BundledVerifier, Combination, Dataset, Effort, EstimateRequest, PriorChoice, Release, ReleasePlan, Setting, Verifier } from "@/api/model";
import { chosen, FITTING, type Fitting } from "@/features/audits/new/options";

export interface AuditForm {
  release: string;
  publicSet: string;
  privateSet: string; // empty: none
  gallery: string; // empty: none
  verifiers: readonly string[]; // ids, or names of bundled ones; empty: the bundled ones for this size
  twin: string; // NEWEST, NONE, or the id of a release
  prior: PriorChoice | Fitting;
  releasePlan: ReleasePlan | "undeclared";
  attack: Attack | Fitting;
  combination: Combination;
  others: readonly AttackChoice[]; // further attacks, each with its setting and prior or those of the form
  setting: Setting | Fitting;
  all: boolean;
  identities: string;
  seed: string;
  effort: Effort;
  budget: string; // percent
  stopEarly: boolean; // after a random half, if the verdict is certain
  declaredBy: string;
  statement: string;
  agreed: boolean;
}

export interface Choices {
  releases: readonly Release[];
  datasets: readonly Dataset[];
  verifiers: readonly Verifier[];
  bundled: readonly BundledVerifier[];
}

export type FormProblems = Partial<Record<keyof AuditForm, string>>;

export const NONE = "none";
export const NEWEST = "newest";

export function emptyForm(): AuditForm {
  return {
    release: "",
    publicSet: "",
    privateSet: "",
    gallery: "",
    verifiers: [],
    twin: NEWEST,
    prior: FITTING,
    releasePlan: "undeclared",
    attack: FITTING,
    combination: "union",
    others: [],
    setting: FITTING,
    all: true,
    identities: "30",
    seed: "0",
    effort: "standard",
    budget: "5",
    stopEarly: false,
    declaredBy: "",
    statement: "",
    agreed: false,
  };
}

/** Fill the fields that have only one choice. */
export function takeFrom(form: AuditForm, { releases, datasets }: Choices): AuditForm {
  const only = (items: readonly { id: string; state: string }[]) => {
    const [first, second] = items.filter((item) => item.state === "ready");
    return first && !second ? first.id : "";
  };
  return {
    ...form,
    release: form.release || only(releases.filter((release) => release.twin_of === null)),
    publicSet: form.publicSet || only(datasets.filter((set) => set.role === "public")),
    privateSet: form.privateSet || only(datasets.filter((set) => set.role === "private")),
  };
}

function wholeNumber(text: string): number | null {
  return /^\d+$/.test(text.trim()) ? Number(text.trim()) : null;
}

export function problemsOf(form: AuditForm, { releases }: Choices): FormProblems {
  const problems: FormProblems = {};
  const release = releases.find((one) => one.id === form.release);
  if (!form.release) problems.release = "Choose the release to attack.";
  if (!form.publicSet) problems.publicSet = "Choose the images that an attacker would have.";
  if (!form.privateSet) problems.privateSet = "Choose the private images, or none.";
  const wanted = wholeNumber(form.identities);
  if (!form.all) {
    if (wanted === null || wanted < 1) problems.identities = "Enter a whole number of at least 1.";
    else if (release && wanted > release.class_count) {
      problems.identities = `This release has ${release.class_count} identities.`;
    }
  }
  if (form.verifiers.length === 1) problems.verifiers = "Choose two or more, or none. One verifier alone is not enough.";
  if (wholeNumber(form.seed) === null) problems.seed = "Enter a whole number, 0 or more.";
  const budget = Number(form.budget.replace(",", "."));
  if (form.budget.trim() === "" || !Number.isFinite(budget) || budget <= 0 || budget >= 100) {
    problems.budget = "Enter a percentage above 0 and below 100.";
  }
  if (form.declaredBy.trim().length < 2) problems.declaredBy = "Enter who declares this.";
  if (form.statement.trim().length < 10) problems.statement = "Enter a sentence that states your rights.";
  if (!form.agreed) problems.agreed = "Confirm this before the attack.";
  return problems;
}

/** Return the request without the declaration, for the estimate. Null while a value is missing. */
export function estimateRequestOf(form: AuditForm): EstimateRequest | null {
  const identities = form.all ? null : wholeNumber(form.identities);
  const seed = wholeNumber(form.seed);
  const budget = Number(form.budget.replace(",", ".")) / 100;
  if (!form.release || !form.publicSet || seed === null || !Number.isFinite(budget) || budget <= 0 || budget >= 1) return null;
  if (!form.all && (identities === null || identities < 1)) return null;
  return {
    release_id: form.release,
    public_dataset_id: form.publicSet,
    private_dataset_id: form.privateSet && form.privateSet !== NONE ? form.privateSet : null,
    gallery_dataset_id: form.gallery || null,
    verifiers: form.verifiers.length > 0 ? [...form.verifiers] : null,
    ...(form.twin === NEWEST ? {} : { twin_release_id: form.twin === NONE ? null : form.twin }),
    ...attacksOf(form),
    combination: form.combination,
    setting: chosen(form.setting),
    prior: chosen(form.prior),
    release_plan: form.releasePlan === "undeclared" ? null : form.releasePlan,
    identities,
    seed,
    effort: form.effort,
    budget: Number(budget.toFixed(6)),
    stop_early: form.stopEarly,
  };
}

/** Return the portfolio: the chosen attack, and further ones if there are any. Empty: the service chooses. */
function attacksOf({ attack, others }: AuditForm): Pick<EstimateRequest, "attack" | "attacks"> {
  if (attack === FITTING) return {};
  return others.length === 0 ? { attack } : { attacks: [attack, ...others] };
}

export function requestOf(form: AuditForm): AuditRequest | null {
  const request = estimateRequestOf(form);
  if (!request) return null;
  return { ...request, rights: { declared_by: form.declaredBy.trim(), statement: form.statement.trim() } };
}

export function releaseLabel(release: Release): string {
  return `${release.target_name}:${release.version}`;
}
