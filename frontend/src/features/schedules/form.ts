// The form of a schedule: its values, their problems, and the requests.
import type { FormFields } from "@/api/faults";
import type { Effort, Schedule, ScheduleCreate, ScheduleUpdate } from "@/api/model";
import { ownZone } from "@/features/schedules/times";

export interface ScheduleForm {
  name: string;
  target: string;
  cron: string;
  timezone: string;
  publicSet: string;
  privateSet: string; // empty: none
  effort: Effort;
  budget: string; // percent
  declaredBy: string;
  statement: string;
}

export type ScheduleProblems = Partial<Record<keyof ScheduleForm, string>>;

export function emptySchedule(target: string): ScheduleForm {
  return {
    name: "nightly",
    target,
    cron: "0 3 * * *",
    timezone: ownZone(),
    publicSet: "",
    privateSet: "",
    effort: "standard",
    budget: "5",
    declaredBy: "",
    statement: "",
  };
}

const REQUIRED: [keyof ScheduleForm, string][] = [
  ["name", "Enter a name."],
  ["target", "Choose a target."],
  ["cron", "Enter five fields, such as 0 3 * * *."],
  ["timezone", "Enter a time zone, such as UTC."],
  ["publicSet", "Choose public images. The prior is trained on them."],
  ["declaredBy", "Enter who declares that these audits are allowed."],
  ["statement", "Declare why you may audit this model with these images."],
];

/** Return what must be corrected before the service is asked. */
export function problemsOf(form: ScheduleForm): ScheduleProblems {
  const problems: ScheduleProblems = {};
  for (const [field, words] of REQUIRED) if (form[field].trim() === "") problems[field] = words;
  const budget = Number(form.budget);
  if (!(budget > 0 && budget < 100)) problems.budget = "Enter a number above 0 and below 100.";
  return problems;
}

/** The fields that errors of the service belong to. */
export const FIELDS: FormFields<keyof ScheduleForm> = {
  paths: {
    name: "name",
    target_id: "target",
    cron: "cron",
    timezone: "timezone",
    "audit.public_dataset_id": "publicSet",
    "audit.private_dataset_id": "privateSet",
    "audit.effort": "effort",
    "audit.budget": "budget",
    "audit.rights.declared_by": "declaredBy",
    "audit.rights.statement": "statement",
  },
  codes: { name_taken: "name", bad_cron: "cron", cron_never_fires: "cron", unknown_timezone: "timezone" },
};

/** Return the form of a schedule as it is. */
export function formOf({ name, target_id, cron, timezone, audit }: Schedule): ScheduleForm {
  const text = (value: unknown) => (typeof value === "string" ? value : "");
  const rights = (audit.rights ?? {}) as Record<string, unknown>;
  return {
    name,
    target: target_id,
    cron,
    timezone,
    publicSet: text(audit.public_dataset_id),
    privateSet: text(audit.private_dataset_id),
    effort: (audit.effort ?? "standard") as Effort,
    budget: String(Number((Number(audit.budget ?? 0.05) * 100).toPrecision(6))),
    declaredBy: text(rights.declared_by),
    statement: text(rights.statement),
  };
}

export function requestOf(form: ScheduleForm): ScheduleCreate {
  return { name: form.name.trim(), target_id: form.target, cron: form.cron.trim(), timezone: form.timezone.trim(), audit: auditOf(form) } as ScheduleCreate;
}

/** Return what a form changes. Choices of the audit that the form does not show are kept. */
export function changeOf(form: ScheduleForm, { audit }: Schedule): ScheduleUpdate {
  return { name: form.name.trim(), cron: form.cron.trim(), timezone: form.timezone.trim(), audit: { ...audit, ...auditOf(form) } } as ScheduleUpdate;
}

function auditOf(form: ScheduleForm) {
  return {
    public_dataset_id: form.publicSet,
    private_dataset_id: form.privateSet === "" ? null : form.privateSet,
    effort: form.effort,
    budget: Number(form.budget) / 100,
    rights: { declared_by: form.declaredBy.trim(), statement: form.statement.trim() },
  };
}
