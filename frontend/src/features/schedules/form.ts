// The form of a new schedule: its values, their problems, and the request.
import type { Effort, ScheduleCreate } from "@/api/model";
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

export function requestOf(form: ScheduleForm): ScheduleCreate {
  return {
    name: form.name.trim(),
    target_id: form.target,
    cron: form.cron.trim(),
    timezone: form.timezone.trim(),
    audit: {
      public_dataset_id: form.publicSet,
      private_dataset_id: form.privateSet === "" ? null : form.privateSet,
      effort: form.effort,
      budget: Number(form.budget) / 100,
      rights: { declared_by: form.declaredBy.trim(), statement: form.statement.trim() },
    },
  } as ScheduleCreate;
}
