// The form of a new project, and its dialog.
import { type SubmitEvent, useState } from "react";
import { placed } from "@/api/faults";
import { useCreateProject } from "@/features/projects/queries";
import { Button } from "@/ui/Button";
import { CommandLine } from "@/ui/Copy";
import { Dialog } from "@/ui/Dialog";
import { Field, TextInput } from "@/ui/Field";
import { ProblemNotice } from "@/ui/Notice";
import { shellWord } from "@/format/shell";

const FIELDS = { paths: { name: "name" }, codes: { name_taken: "name" } } as const;

export function NewProjectForm({ onCreated }: { onCreated: (id: string) => void }) {
  const create = useCreateProject();
  const [name, setName] = useState("");
  const server = placed(create.error, FIELDS);
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    if (name.trim()) create.mutate(name.trim(), { onSuccess: (project) => onCreated(project.id) });
  };
  return (
    <form onSubmit={submit} className="mt-4 space-y-4">
      {server.rest !== null && <ProblemNotice error={server.rest} />}
      <Field label="Name" error={server.at.name} help="For example, the team that owns the models.">
        {(field) => <TextInput {...field} value={name} maxLength={100} onChange={(event) => setName(event.target.value)} />}
      </Field>
      <Button type="submit" look="primary" disabled={create.isPending || name.trim() === ""}>
        Create the project
      </Button>
      <CommandLine command={`exhume project create ${shellWord(name.trim() || "NAME")}`} />
    </form>
  );
}

interface Props {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  onCreated: (id: string) => void;
}

export function NewProjectDialog({ open, onOpenChange, onCreated }: Props) {
  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      title="New project"
      description="Projects share nothing. Models, data sets, audits and keys of a project cannot be seen from another one."
    >
      <NewProjectForm
        onCreated={(id) => {
          onOpenChange(false);
          onCreated(id);
        }}
      />
    </Dialog>
  );
}
