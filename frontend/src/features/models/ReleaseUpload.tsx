// The form of a new release: a checkpoint that is uploaded or fetched from an address, and its
// description, filled in with what the file says.
import { type SubmitEvent, useId, useState } from "react";
import { placed } from "@/api/faults";
import type { Release, Target } from "@/api/model";
import { ClassFields } from "@/features/models/ClassFields";
import { ClassListField } from "@/features/models/ClassListField";
import { ConventionFields } from "@/features/models/ConventionFields";
import { DescriptionFields } from "@/features/models/DescriptionFields";
import { Proposals } from "@/features/models/Proposals";
import {
  descriptionOf,
  EMPTY_RELEASE,
  fieldId,
  filledIn,
  formOfDescription,
  LABELS,
  outputsOf,
  problemsOf,
  recognised,
  type ReleaseField,
  type ReleaseForm,
  type ReleaseProblems,
  SERVICE_FIELDS,
} from "@/features/models/releaseForm";
import { SameFile } from "@/features/models/SameFile";
import { UploadedRelease } from "@/features/models/UploadedRelease";
import { useSendRelease } from "@/features/models/useSendRelease";
import { AddressFields, FROM_FILE, problemsOf as addressProblems } from "@/features/uploads/AddressFields";
import { useImportHosts } from "@/features/uploads/queries";
import { ErrorSummary } from "@/ui/ErrorSummary";
import { Field, TextInput } from "@/ui/Field";
import { FileField } from "@/ui/FileField";
import { Notice, ProblemDetails } from "@/ui/Notice";
import { UploadButtons, UploadState } from "@/ui/UploadState";

interface Props {
  projectId: string;
  targets: readonly Target[];
  releases: readonly Release[];
  onClose: () => void;
  onOpen: (releaseId: string) => void;
}

const CLASS_ORDER = "class-order";

export function ReleaseUpload({ projectId, targets, releases, onClose, onOpen }: Props) {
  const list = useId();
  const hosts = useImportHosts();
  const [origin, setOrigin] = useState(FROM_FILE);
  const [file, setFile] = useState<File | null>(null);
  const [form, setForm] = useState<ReleaseForm>(() => ({ ...EMPTY_RELEASE, target: targets[0]?.name ?? "" }));
  const [said, setSaid] = useState<Partial<ReleaseForm>>({}); // by the file
  const [tried, setTried] = useState(false);
  const [confirmed, setConfirmed] = useState(false);
  const [done, setDone] = useState<string | null>(null);
  const sending = useSendRelease(projectId, targets, releases, setDone);
  const { found, rejected, upload } = sending;
  const fromFile = origin.by === "file";
  const outputs = fromFile ? outputsOf(found) : null;
  const contradicted =
    confirmed || rejected?.code === CLASS_ORDER || releases.some((one) => one.target_name === form.target.trim() && one.problem?.code === CLASS_ORDER);
  const wrong: ReleaseProblems = problemsOf(form, outputs);
  if (fromFile && !file?.size) wrong.file = file ? "This file is empty." : "Choose a checkpoint.";
  if (!fromFile && form.version.trim() === "") wrong.version = "Enter a version.";
  const server = placed(upload.error, SERVICE_FIELDS);
  const problems: ReleaseProblems = { ...server.at, ...(tried ? wrong : {}) };
  const set = (change: Partial<ReleaseForm>) => setForm((old) => ({ ...old, ...change }));

  const choose = (chosen: File | null) => {
    setFile(chosen);
    sending.look(chosen, (answer) => {
      const now = recognised(answer);
      setForm((old) => filledIn(old, now, said));
      setSaid(now);
    });
  };

  const start = (again: boolean) => {
    setTried(true);
    const description = descriptionOf(form);
    const address = addressProblems(origin);
    if (Object.keys(wrong).length > 0 || !description || (!fromFile && (address.address || address.sha256))) return;
    const what = { target: form.target.trim(), version: form.version.trim(), description, confirmed: contradicted && confirmed };
    if (!fromFile) void sending.fetchFrom(origin, what);
    else if (file) void sending.send(file, what, again);
  };

  const finished = releases.find((one) => one.id === done);
  if (finished) {
    const again = () => {
      setDone(null);
      setFile(null);
      setTried(false);
    };
    return <UploadedRelease release={finished} onAgain={again} onClose={() => onOpen(finished.id)} />;
  }
  return (
    <form
      onSubmit={(event: SubmitEvent) => {
        event.preventDefault();
        start(false);
      }}
      noValidate
      className="border-line mb-10 max-w-3xl rounded-xl border p-4 sm:p-6"
    >
      <h2 className="text-lg font-semibold">Upload a release</h2>
      <div className="mt-4 space-y-5">
        {hosts.length > 0 && (
          <AddressFields hosts={hosts} origin={origin} onChange={setOrigin} tried={tried} example="hf://owner/name@commit/model.safetensors" />
        )}
        {fromFile && (
          <FileField
            id={fieldId("file")}
            label="Checkpoint"
            help="Safetensors (also a zip of shards and their index), a PyTorch state_dict or an ONNX model. Files are converted in a sandbox where needed."
            file={file}
            onChange={choose}
            error={problems.file ?? (file?.size === 0 ? "This file is empty." : null)}
          />
        )}
        {fromFile && found && (found.format !== "onnx" || found.proposals.length > 0) && !rejected && <Proposals found={found.proposals} />}
        {fromFile && rejected && (
          <div role="alert">
            <Notice title="The preflight rejects this file. Nothing was uploaded">
              <ProblemDetails problem={rejected} />
            </Notice>
          </div>
        )}
        <div className="grid gap-5 sm:grid-cols-2">
          <Field id={fieldId("target")} label="Target" help="A line of models. A new name creates a new target." error={problems.target}>
            {(field) => (
              <>
                <TextInput {...field} list={list} maxLength={100} value={form.target} onChange={(event) => set({ target: event.target.value })} />
                <datalist id={list}>
                  {targets.map((one) => (
                    <option key={one.id} value={one.name} />
                  ))}
                </datalist>
              </>
            )}
          </Field>
          <Field
            id={fieldId("version")}
            label="Version"
            help={fromFile ? "Defaults to the first digits of the SHA-256." : "For example, the commit or version in the address."}
            error={problems.version}
          >
            {(field) => <TextInput {...field} maxLength={100} value={form.version} onChange={(event) => set({ version: event.target.value })} />}
          </Field>
        </div>
        <ConventionFields form={form} set={set} problems={problems} />
        <ClassListField
          value={form.classes}
          onChange={(classes) => set({ classes })}
          outputs={outputs}
          fromFile={form.classes !== "" && form.classes === said.classes}
          error={problems.classes}
        />
        <ClassFields kind={form.kind} onKind={(kind) => set({ kind })} contradicted={contradicted} confirmed={confirmed} onConfirm={setConfirmed} />
        <DescriptionFields
          form={form}
          set={set}
          problems={problems}
          found={fromFile ? found : undefined}
          onDescription={(description) => setForm((old) => formOfDescription(old, description))}
        />
        {sending.same.length > 0 && <SameFile releases={sending.same} onGoOn={() => start(true)} onStop={onClose} />}
        <ErrorSummary title="The release was not uploaded" errors={summary(problems)} />
        <UploadState upload={upload} error={server.rest} />
        <UploadButtons upload={upload} importing={!fromFile} onClose={onClose} />
      </div>
    </form>
  );
}

function summary(problems: ReleaseProblems) {
  return (Object.keys(LABELS) as ReleaseField[]).flatMap((field) => {
    const error = problems[field];
    return error === undefined ? [] : [{ id: fieldId(field), label: LABELS[field], error }];
  });
}
