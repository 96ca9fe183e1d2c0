// Fields for the release and its images. The roles of the images must never be confused.
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { DataRole, Dataset } from "@/api/model";
import { fieldId } from "@/features/audits/new/fields";
import { type AuditForm, type Choices, type FormProblems, NONE, releaseLabel } from "@/features/audits/new/form";
import { counted, nounOfKind } from "@/features/audits/noun";
import { plural } from "@/format/numbers";
import { Field, Select } from "@/ui/Field";
import { ROLE_WORDS, RoleMark } from "@/ui/Role";
import { classes } from "@/ui/classes";

interface Props {
  projectId: string;
  form: AuditForm;
  set: (change: Partial<AuditForm>) => void;
  choices: Choices;
  problems: FormProblems;
}

const LINK = "text-accent underline-offset-2 hover:underline";

export function WhatFields({ projectId, form, set, choices, problems }: Props) {
  const ready = choices.releases.filter((release) => release.state === "ready" && release.twin_of === null);
  const chosen = ready.find((release) => release.id === form.release);
  return (
    <fieldset>
      <legend className="mb-3 text-lg font-semibold">What is attacked</legend>
      <Field
        id={fieldId("release")}
        label="Release"
        error={problems.release}
        help={
          chosen
            ? `${chosen.architecture}, ${counted(chosen.class_count, nounOfKind(chosen.classes_are))}, ${chosen.convention.height} × ${chosen.convention.width}`
            : "Only releases that passed their checks are listed."
        }
      >
        {(field) => (
          <Select {...field} value={form.release} onChange={(event) => set({ release: event.target.value })}>
            <option value="">Choose a release</option>
            {ready.map((release) => (
              <option key={release.id} value={release.id}>
                {releaseLabel(release)}
              </option>
            ))}
          </Select>
        )}
      </Field>
      {ready.length === 0 && (
        <p className="mt-2 text-sm">
          No release is ready.{" "}
          <Link to="/projects/$projectId/models" params={{ projectId }} search={{ add: true }} className={LINK}>
            Upload a checkpoint
          </Link>{" "}
          or run <code className="font-mono text-xs">exhume release upload</code>.
        </p>
      )}
      <div className="mt-5 grid gap-5 sm:grid-cols-2">
        <SetField of="public" id={fieldId("publicSet")} projectId={projectId} choices={choices} error={problems.publicSet} value={form.publicSet} onChange={(publicSet) => set({ publicSet })}>
          <option value="">Choose images</option>
        </SetField>
        <SetField of="private" id={fieldId("privateSet")} projectId={projectId} choices={choices} error={problems.privateSet} value={form.privateSet} onChange={(privateSet) => set({ privateSet })}>
          <option value="">Choose images</option>
          <option value={NONE}>None: the verdict is INCONCLUSIVE</option>
        </SetField>
      </div>
    </fieldset>
  );
}

interface SetProps {
  of: DataRole;
  id: string;
  projectId: string;
  choices: Choices;
  error: string | undefined;
  value: string;
  onChange: (id: string) => void;
  children: ReactNode;
}

const sentence = (words: string) => `${words.charAt(0).toUpperCase()}${words.slice(1)}.`;

function describe(set: Dataset): string {
  return `${set.name} (${plural(set.images ?? 0, "image")}, ${set.height ?? "?"} × ${set.width ?? "?"})`;
}

function SetField({ of: role, id, projectId, choices, error, value, onChange, children }: SetProps) {
  const sets = choices.datasets.filter((set) => set.role === role && set.state === "ready");
  return (
    <div className={classes("border-l-2 pl-4", role === "public" ? "border-public" : "border-private")}>
      <Field id={id} label={<RoleMark of={role} />} help={sentence(ROLE_WORDS[role].opened)} error={error}>
        {(field) => (
          <Select {...field} value={value} onChange={(event) => onChange(event.target.value)}>
            {children}
            {sets.map((set) => (
              <option key={set.id} value={set.id}>
                {describe(set)}
              </option>
            ))}
          </Select>
        )}
      </Field>
      {sets.length === 0 && (
        <p className="mt-2 text-sm">
          None yet.{" "}
          <Link to="/projects/$projectId/datasets" params={{ projectId }} search={{ add: true }} className={LINK}>
            Upload {role} images
          </Link>
        </p>
      )}
    </div>
  );
}
