// The form of a new release: its description, and a checkpoint that is uploaded or fetched from an
// address.
import { useQueryClient } from "@tanstack/react-query";
import { type SubmitEvent, useId, useRef, useState } from "react";
import type { ClassKind, Release, Target } from "@/api/model";
import type { Problem } from "@/api/problem";
import { digestOf } from "@/api/upload";
import { ClassFields } from "@/features/models/ClassFields";
import { type Description, EXAMPLE, parseDescription } from "@/features/models/description";
import type { Preflight } from "@/features/models/preflight";
import { Proposals } from "@/features/models/Proposals";
import { modelKeys, reuse, useCreateRelease, usePreflight } from "@/features/models/queries";
import { versionOf } from "@/features/models/versions";
import { AddressFields, FROM_FILE, problemsOf } from "@/features/uploads/AddressFields";
import { useImport, useImportHosts } from "@/features/uploads/queries";
import { FileField } from "@/ui/FileField";
import { useUpload } from "@/ui/useUpload";
import { UploadButtons, UploadState } from "@/ui/UploadState";
import { Field, TextArea, TextInput } from "@/ui/Field";
import { Notice, ProblemDetails } from "@/ui/Notice";

interface Props {
  projectId: string;
  targets: readonly Target[];
  releases: readonly Release[];
  onClose: () => void;
  onDone: (releaseId: string) => void;
}

const CLASS_ORDER = "class-order";
const rejection = (found: Preflight) => (found.verdict === "refused" ? found.problem : null);

export function ReleaseUpload({ projectId, targets, releases, onClose, onDone }: Props) {
  const create = useCreateRelease(projectId);
  const preflight = usePreflight();
  const queries = useQueryClient();
  const upload = useUpload();
  const list = useId();
  const made = useRef<{ announced: string; id: string } | null>(null);
  const fetched = useImport(projectId);
  const hosts = useImportHosts();
  const [origin, setOrigin] = useState(FROM_FILE);
  const [file, setFile] = useState<File | null>(null);
  const [target, setTarget] = useState(targets[0]?.name ?? "");
  const [version, setVersion] = useState("");
  const [text, setText] = useState(JSON.stringify(EXAMPLE, null, 2));
  const [tried, setTried] = useState(false);
  const [rejected, setRejected] = useState<Problem | null>(null);
  const [kind, setKind] = useState<ClassKind | null>(null);
  const [confirmed, setConfirmed] = useState(false);
  const parsed = parseDescription(text);
  const classesAre = kind ?? (parsed.ok ? parsed.description.classes_are : undefined) ?? "person";
  const contradicted =
    confirmed || rejected?.code === CLASS_ORDER || releases.some((one) => one.target_name === target.trim() && one.problem?.code === CLASS_ORDER);
  const classFields = { classes_are: classesAre, confirm_class_order: contradicted && confirmed };

  const choose = (chosen: File | null) => {
    setFile(chosen);
    setRejected(null);
    preflight.reset();
    if (!chosen?.size) return;
    const asked = { architecture: "auto", hyperparameters: {} }; // the description may not be written yet
    preflight.mutate(
      { file: chosen, asked },
      { onSuccess: (found) => found.problem?.code !== "architecture-not-detected" && setRejected(rejection(found)) },
    );
  };

  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    setTried(true);
    if (!parsed.ok || target.trim() === "") return;
    if (origin.by === "address") {
      fetchIt(parsed.description);
      return;
    }
    if (!file?.size) return;
    const known = targets.find((one) => one.name === target.trim());
    const { architecture, hyperparameters, convention, classes } = parsed.description;
    const asked = { architecture, hyperparameters, num_classes: classes.length, channels: convention.channels, classes, confirm_class_order: confirmed };
    void upload.run(async (report, signal, send) => {
      const problem = rejection(await preflight.mutateAsync({ file, asked }));
      setRejected(problem);
      if (problem) return;
      const sha256 = await digestOf(file, report, signal);
      const announced = JSON.stringify([target.trim(), version.trim(), text, classFields, sha256]);
      const again = made.current?.announced === announced; // after an interruption, the release exists and waits for its file
      const id = again && made.current ? made.current.id : (await create.mutateAsync({
        target: known ? { id: known.id } : { name: target.trim() },
        release: {
          version: version.trim() || versionOf(sha256, target.trim(), releases),
          ...parsed.description,
          ...classFields,
          sha256,
          size_bytes: file.size,
        },
      })).id;
      made.current = { announced, id };
      if (!(await reuse(id, sha256))) await send(`/api/v1/releases/${id}`, file, sha256);
      await queries.invalidateQueries({ queryKey: modelKeys.releases(projectId) });
      onDone(id);
    });
  };

  const fetchIt = (description: Description) => {
    const wrong = problemsOf(origin);
    if (wrong.address || wrong.sha256 || version.trim() === "") return;
    const known = targets.find((one) => one.name === target.trim());
    void upload.run(async () => {
      const announced = JSON.stringify([target.trim(), version.trim(), text, classFields]);
      const again = made.current?.announced === announced; // after a rejection, the release exists and waits for its file
      const release = { version: version.trim(), ...description, ...classFields };
      const id = again && made.current ? made.current.id : (await create.mutateAsync({ target: known ? { id: known.id } : { name: target.trim() }, release })).id;
      made.current = { announced, id };
      await fetched.mutateAsync({ kind: "release", id, address: origin.address.trim(), sha256: origin.sha256.trim() });
      onDone(id);
    });
  };

  return (
    <form onSubmit={submit} noValidate className="border-line mb-10 max-w-2xl rounded-xl border p-6">
      <h2 className="text-lg font-semibold">Upload a release</h2>
      <div className="mt-4 space-y-5">
        {hosts.length > 0 && (
          <AddressFields hosts={hosts} origin={origin} onChange={setOrigin} tried={tried} example="hf://owner/name@commit/model.safetensors" />
        )}
        {origin.by === "file" && (
          <FileField
            label="Checkpoint"
            help="Safetensors (also a zip of shards and their index), a PyTorch state_dict or an ONNX model. Files are converted in a sandbox where needed."
            file={file}
            onChange={choose}
            error={file?.size === 0 ? "This file is empty." : tried && !file ? "Choose a checkpoint." : null}
          />
        )}
        {origin.by === "file" && preflight.data && preflight.data.format !== "onnx" && !rejected && <Proposals found={preflight.data.proposals} />}
        {origin.by === "file" && rejected && (
          <div role="alert">
            <Notice title="The preflight rejects this file. Nothing was uploaded">
              <ProblemDetails problem={rejected} />
            </Notice>
          </div>
        )}
        <div className="grid gap-5 sm:grid-cols-2">
          <Field label="Target" help="A line of models. A new name creates a new target." error={tried && target.trim() === "" ? "Enter a target." : null}>
            {(field) => (
              <>
                <TextInput {...field} list={list} maxLength={100} value={target} onChange={(event) => setTarget(event.target.value)} />
                <datalist id={list}>
                  {targets.map((one) => (
                    <option key={one.id} value={one.name} />
                  ))}
                </datalist>
              </>
            )}
          </Field>
          <Field
            label="Version"
            help={origin.by === "file" ? "Defaults to the first digits of the SHA-256." : "For example, the commit or version in the address."}
            error={tried && origin.by === "address" && version.trim() === "" ? "Enter a version." : null}
          >
            {(field) => <TextInput {...field} maxLength={100} value={version} onChange={(event) => setVersion(event.target.value)} />}
          </Field>
        </div>
        <Field
          label="Description, JSON"
          help="The input convention, the names of the classes in the order of the outputs, and the architecture with its hyper-parameters. With “auto”, the architecture is detected from the weights."
          error={tried && !parsed.ok ? parsed.problem : null}
        >
          {(field) => (
            <TextArea {...field} rows={11} spellCheck={false} value={text} onChange={(event) => setText(event.target.value)} className="font-mono text-xs" />
          )}
        </Field>
        <ClassFields kind={classesAre} onKind={setKind} contradicted={contradicted} confirmed={confirmed} onConfirm={setConfirmed} />
        <UploadState upload={upload} />
        <UploadButtons upload={upload} importing={origin.by === "address"} onClose={onClose} />
      </div>
    </form>
  );
}
