// The fields of a new audit: their labels, their elements, and the problems of the service that
// belong to them.
import type { FormFields } from "@/api/faults";
import { type AuditForm, emptyForm, type FormProblems } from "@/features/audits/new/form";
import type { FieldError } from "@/ui/ErrorSummary";

export type AuditField = keyof AuditForm;

/** In the order of the page. */
const LABELS: Record<AuditField, string> = {
  release: "Release",
  publicSet: "Public images",
  privateSet: "Private images",
  effort: "Effort",
  attack: "Attack",
  setting: "Attack setting",
  prior: "Prior",
  others: "Further attacks",
  combination: "Combination of the attacks",
  all: "Identities",
  identities: "Sample of",
  seed: "Seed",
  budget: "Risk budget",
  releasePlan: "Release plan",
  stopEarly: "Stop early",
  verifiers: "Verifiers",
  gallery: "Gallery",
  twin: "Twin",
  declaredBy: "Declared by",
  statement: "Declaration",
  agreed: "Confirmation",
};
const FIELDS = Object.keys(LABELS) as AuditField[];

const ADVANCED: readonly AuditField[] = FIELDS.slice(FIELDS.indexOf("attack"), FIELDS.indexOf("declaredBy"));

export const SERVICE_FIELDS: FormFields<AuditField> = {
  paths: {
    release_id: "release",
    public_dataset_id: "publicSet",
    private_dataset_id: "privateSet",
    gallery_dataset_id: "gallery",
    twin_release_id: "twin",
    verifiers: "verifiers",
    attack: "attack",
    attacks: "others",
    combination: "combination",
    setting: "setting",
    prior: "prior",
    identities: "identities",
    seed: "seed",
    effort: "effort",
    budget: "budget",
    stop_early: "stopEarly",
    release_plan: "releasePlan",
    "rights.declared_by": "declaredBy",
    rights: "statement",
  },
  codes: {
    no_such_release: "release",
    prior_not_trainable: "prior",
    no_built_in_prior: "prior",
    too_many_identities: "identities",
    too_few_to_stop_early: "stopEarly",
    no_identities: "privateSet",
    unknown_identities: "privateSet",
    gallery_has_members: "gallery",
    no_such_verifier: "verifiers",
    verifier_channels: "verifiers",
    not_a_twin: "twin",
    same_attack_twice: "others",
  },
};

export const fieldId = (field: AuditField): string => `audit-${field}`;

/** Return the problems in the order of the page, for the summary beside the button. */
export function summaryOf(problems: FormProblems): FieldError[] {
  return FIELDS.flatMap((field) => {
    const error = problems[field];
    return error === undefined ? [] : [{ id: fieldId(field), label: LABELS[field], error }];
  });
}

/** Return whether a field under "Advanced" has a problem. */
export function hasAdvancedProblem(problems: FormProblems): boolean {
  return ADVANCED.some((field) => problems[field] !== undefined);
}

/** Return the labels of the fields under "Advanced" whose values are not the defaults. */
export function changedAdvanced(form: AuditForm): string[] {
  const empty = emptyForm();
  const unused: readonly AuditField[] = form.all ? ["identities"] : [];
  return ADVANCED.filter((field) => !unused.includes(field) && JSON.stringify(form[field]) !== JSON.stringify(empty[field])).map((field) => LABELS[field]);
}
