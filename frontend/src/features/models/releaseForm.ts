// The form of a new release: its values, what a file fills in, their problems, and the request.
import type { FormFields } from "@/api/faults";
import type { ClassKind, Convention } from "@/api/model";
import { namesOfLines } from "@/features/models/classList";
import { type Description, isObject } from "@/features/models/description";
import type { Preflight } from "@/features/models/preflight";

/** How the values of the pixels reach the network. */
export type Scale = "unit" | "signed" | "imagenet" | "other";

export interface ReleaseForm {
  target: string;
  version: string;
  architecture: string;
  hyperparameters: string; // JSON
  height: string;
  width: string;
  channels: "" | "1" | "3";
  order: "RGB" | "BGR";
  scale: "" | Scale;
  mean: string; // used with the scale "other"
  std: string;
  classes: string; // one per line
  kind: ClassKind;
}

export type ReleaseField = keyof ReleaseForm | "file" | "confirmed";
export type ReleaseProblems = Partial<Record<ReleaseField, string>>;

export const EMPTY_RELEASE: ReleaseForm = {
  target: "",
  version: "",
  architecture: "",
  hyperparameters: "",
  height: "",
  width: "",
  channels: "",
  order: "RGB",
  scale: "",
  mean: "",
  std: "",
  classes: "",
  kind: "person",
};

export const LABELS: Record<ReleaseField, string> = {
  file: "Checkpoint",
  target: "Target",
  version: "Version",
  architecture: "Architecture",
  height: "Height",
  width: "Width",
  channels: "Channels",
  order: "Channel order",
  scale: "Pixel values",
  mean: "Mean",
  std: "Standard deviation",
  classes: "Classes",
  kind: "Classes are",
  confirmed: "Order of the classes",
  hyperparameters: "Hyper-parameters",
};

export const SERVICE_FIELDS: FormFields<ReleaseField> = {
  paths: {
    name: "target",
    version: "version",
    architecture: "architecture",
    hyperparameters: "hyperparameters",
    "convention.height": "height",
    "convention.width": "width",
    "convention.channels": "channels",
    "convention.channel_order": "order",
    "convention.mean": "mean",
    "convention.std": "std",
    convention: "scale",
    classes: "classes",
    classes_are: "kind",
    sha256: "file",
    size_bytes: "file",
  },
  codes: {
    name_taken: "target",
    version_taken: "version",
    unknown_architecture: "architecture",
    invalid_hyperparameters: "hyperparameters",
    class_names: "classes",
    look_alike_names: "classes",
    too_large: "file",
  },
};

export const fieldId = (field: ReleaseField): string => `release-${field}`;

export const SCALES: Record<Scale, { name: string; mean: number[]; std: number[] }> = {
  unit: { name: "0 to 1, as they are", mean: [0], std: [1] },
  signed: { name: "−1 to 1: mean 0.5, deviation 0.5", mean: [0.5], std: [0.5] },
  imagenet: { name: "ImageNet’s mean and deviation", mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] },
  other: { name: "Other …", mean: [], std: [] },
};

/** Return the fields that the file determines. */
export function recognised(found: Preflight): Partial<ReleaseForm> {
  const exact = found.proposals.filter((one) => one.exact);
  const [only, other] = exact.length > 0 ? exact : found.proposals;
  const sizes = only && Object.keys(only.hyperparameters).length > 0 ? JSON.stringify(only.hyperparameters) : "";
  return {
    ...(only && !other ? { architecture: only.architecture, hyperparameters: sizes } : {}),
    ...(only?.channels === 1 || only?.channels === 3 ? { channels: String(only.channels) as "1" | "3" } : {}),
    ...(found.side === null ? {} : { height: String(found.side), width: String(found.side) }),
    ...(found.classes ? { classes: found.classes.join("\n") } : {}),
  };
}

/** Return the number of outputs, if all proposals that fit agree on it. */
export function outputsOf(found: Preflight | undefined): number | null {
  const counts = new Set((found?.proposals ?? []).map((one) => one.num_classes));
  const [only = null] = counts;
  return counts.size === 1 ? only : null;
}

/** Fill in what was recognised, but never what a person wrote. `before`: what the last file filled in. */
export function filledIn(form: ReleaseForm, found: Partial<ReleaseForm>, before: Partial<ReleaseForm>): ReleaseForm {
  const filled: Record<string, string> = { ...form };
  for (const name of Object.keys({ ...before, ...found }) as (keyof ReleaseForm)[]) {
    if (form[name] === "" || form[name] === before[name]) filled[name] = found[name] ?? "";
  }
  return filled as unknown as ReleaseForm;
}

/** Return the form of a description in JSON. */
export function formOfDescription(form: ReleaseForm, { architecture, hyperparameters, convention, classes, classes_are }: Description): ReleaseForm {
  return {
    ...form,
    architecture: architecture === "auto" ? "" : architecture,
    hyperparameters: Object.keys(hyperparameters ?? {}).length > 0 ? JSON.stringify(hyperparameters) : "",
    height: String(convention.height),
    width: String(convention.width),
    channels: String(convention.channels) as "1" | "3",
    order: convention.channel_order,
    scale: "other",
    mean: (convention.mean ?? [0]).join(", "),
    std: (convention.std ?? [1]).join(", "),
    classes: classes.join("\n"),
    kind: classes_are ?? form.kind,
  };
}

const side = (text: string): number | null => (/^\d+$/.test(text.trim()) && Number(text) >= 8 && Number(text) <= 1024 ? Number(text) : null);

function numbers(text: string): number[] | null {
  const parts = text.trim().split(/[\s,;]+/).filter((part) => part !== "");
  const values = parts.map(Number);
  return values.length > 0 && values.every(Number.isFinite) ? values : null;
}

export function problemsOf(form: ReleaseForm, outputs: number | null): ReleaseProblems {
  const problems: ReleaseProblems = {};
  if (form.target.trim() === "") problems.target = "Enter a target.";
  for (const name of ["height", "width"] as const) if (side(form[name]) === null) problems[name] = "Enter 8 to 1024 pixels.";
  if (form.channels === "") problems.channels = "Choose grey or colour.";
  if (form.scale === "") problems.scale = "Choose how the model expects its pixels. Your training code says so.";
  if (form.scale === "imagenet" && form.channels === "1") problems.scale = "ImageNet’s values are for colour images.";
  if (form.scale === "other") {
    const fits = (values: number[] | null) => values !== null && (values.length === 1 || values.length === Number(form.channels));
    if (!fits(numbers(form.mean))) problems.mean = "Enter one number, or one for each channel.";
    if (!fits(numbers(form.std)) || numbers(form.std)?.some((one) => one <= 0)) problems.std = "Enter one number above 0, or one for each channel.";
  }
  const listed = namesOfLines(form.classes);
  if (!listed.ok) problems.classes = form.classes.trim() === "" ? "Give the names of the classes, in the order of the outputs." : listed.problem;
  else if (outputs !== null && listed.names.length !== outputs) {
    problems.classes = `The file has ${outputs} outputs, and this list has ${listed.names.length} names.`;
  }
  if (hyperparametersOf(form) === null) problems.hyperparameters = "Enter a JSON object, or nothing.";
  return problems;
}

function hyperparametersOf({ hyperparameters }: ReleaseForm): Description["hyperparameters"] | null {
  if (hyperparameters.trim() === "") return {};
  try {
    const value: unknown = JSON.parse(hyperparameters);
    return isObject(value) ? (value as Description["hyperparameters"]) : null;
  } catch {
    return null;
  }
}

/** Return the description, or null while a value is missing. */
export function descriptionOf(form: ReleaseForm): Description | null {
  if (Object.keys(problemsOf(form, null)).some((field) => field !== "target")) return null;
  const listed = namesOfLines(form.classes);
  const hyperparameters = hyperparametersOf(form);
  const scale = form.scale === "" ? undefined : SCALES[form.scale];
  if (!listed.ok || hyperparameters === null || !scale) return null;
  const [mean, std] = form.scale === "other" ? [numbers(form.mean) ?? [], numbers(form.std) ?? []] : [scale.mean, scale.std];
  const convention: Convention = {
    height: Number(form.height),
    width: Number(form.width),
    channels: form.channels === "1" ? 1 : 3,
    channel_order: form.order,
    mean,
    std,
  };
  return { architecture: form.architecture.trim() || "auto", hyperparameters, convention, classes: listed.names, classes_are: form.kind };
}
