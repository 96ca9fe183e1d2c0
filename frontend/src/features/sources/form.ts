// The form of a source: its values, their problems, and the requests.
import type { FormFields } from "@/api/faults";
import type { Source, SourceCreate, SourceUpdate } from "@/api/model";
import { EXAMPLE, parseDescription } from "@/features/models/description";

export interface SourceForm {
  name: string;
  address: string;
  description: string;
  schedule: string; // empty: none
  minutes: string;
  writeBack: boolean;
  passAlias: string;
}

export type SourceProblems = Partial<Record<keyof SourceForm, string>>;

export function emptySource(): SourceForm {
  return {
    name: "",
    address: "",
    description: JSON.stringify({ ...EXAMPLE, classes_are: "person" }, null, 2),
    schedule: "",
    minutes: "5",
    writeBack: false,
    passAlias: "",
  };
}

export function formOf({ name, address, release, schedule_id, check_seconds, write_back, pass_alias }: Source): SourceForm {
  return {
    name,
    address,
    description: JSON.stringify(release, null, 2),
    schedule: schedule_id ?? "",
    minutes: String(Number((check_seconds / 60).toPrecision(4))),
    writeBack: write_back,
    passAlias: pass_alias ?? "",
  };
}

/** The fields that errors of the service belong to. */
const FIELDS: FormFields<keyof SourceForm> = {
  paths: {
    name: "name",
    address: "address",
    release: "description",
    schedule_id: "schedule",
    check_seconds: "minutes",
    write_back: "writeBack",
    pass_alias: "passAlias",
  },
  codes: { name_taken: "name", source_address: "address", no_such_schedule: "schedule" },
};

/** Return the fields that a form shows. Errors of others are shown above it. */
export function shownFields(form: SourceForm, editing: boolean): FormFields<keyof SourceForm> {
  const shown = (field: keyof SourceForm) => field !== "writeBack" && (field !== "passAlias" || isRegistry(form.address)) && (field !== "description" || !editing);
  return { ...FIELDS, paths: Object.fromEntries(Object.entries(FIELDS.paths).filter(([, field]) => shown(field))) };
}

export const isRegistry = (address: string) => address.trim().startsWith("models:/");

/** Return what must be corrected before the service is asked. A change leaves the description. */
export function problemsOf(form: SourceForm, editing = false): SourceProblems {
  const problems: SourceProblems = {};
  if (form.name.trim() === "") problems.name = "Enter a name.";
  if (form.address.trim() === "") problems.address = "Enter an address.";
  const minutes = Number(form.minutes);
  if (!(minutes >= 1 && minutes <= 1440)) problems.minutes = "Enter a number from 1 to 1,440.";
  const parsed = parseDescription(form.description);
  if (!editing && !parsed.ok) problems.description = parsed.problem;
  return problems;
}

export function requestOf(form: SourceForm, target: string): SourceCreate {
  return {
    ...changeOf(form),
    target_id: target,
    address: form.address.trim(),
    release: JSON.parse(form.description) as SourceCreate["release"],
  } as SourceCreate;
}

export function changeOf(form: SourceForm): SourceUpdate {
  const registry = isRegistry(form.address);
  return {
    name: form.name.trim(),
    schedule_id: form.schedule === "" ? null : form.schedule,
    check_seconds: Math.round(Number(form.minutes) * 60),
    write_back: registry && form.writeBack,
    pass_alias: registry && form.passAlias.trim() !== "" ? form.passAlias.trim() : null,
  };
}
