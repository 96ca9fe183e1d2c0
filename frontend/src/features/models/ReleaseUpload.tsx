// A new release from the browser: its description, and a checkpoint that is sent in pieces or fetched from an address.
import { useQueryClient } from "@tanstack/react-query";
import { type SubmitEvent, useId, useRef, useState } from "react";
import type { ClassKind, Release, Target } from "@/api/model";
import { type Problem, problemFrom } from "@/api/problem";
import { digestOf } from "@/api/upload";
import { ClassFields } from "@/features/models/ClassFields";
import { type Description, EXAMPLE, parseDescription } from "@/features/models/description";
import type { Look } from "@/features/models/look";
import { Proposals } from "@/features/models/Proposals";
import { modelKeys, reuse, useCreateRelease, useLook } from "@/features/models/queries";
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
const refusal = (seen: Look) => (seen.verdict === "refused" ? problemFrom(422, seen.problem) : null);

export function ReleaseUpload({ projectId, targets, releases, onClose, onDone }: Props) {
  const create = useCreateRelease(projectId);
  const look = useLook();
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
  const [refused, setRefused] = useState<Problem | null>(null);
  const [kind, setKind] = useState<ClassKind | null>(null);
  const [confirmed, setConfirmed] = useState(false);
  const parsed = parseDescription(text);
  const classesAre = kind ?? (parsed.ok ? parsed.description.classes_are : undefined) ?? "person";
  const contradicted =
    confirmed || refused?.code === CLASS_ORDER || releases.some((one) => one.target_name === target.trim() && one.problem?.code === CLASS_ORDER);
  const classFields = { classes_are: classesAre, confirm_class_order: contradicted && confirmed };

  const choose = (chosen: File | null) => {
    setFile(chosen);
    setRefused(null);
    look.reset();
    if (!chosen?.size) return;
    const asked = { architecture: "auto", hyperparameters: {} }; // the description may not be written yet
    look.mutate(
      { file: chosen, asked },
      { onSuccess: (seen) => seen.problem?.code !== "architecture-not-detected" && setRefused(refusal(seen)) },
    );
  };

  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    setTried(true);
    if (!parsed.ok || target.trim() === "") return;
    if (origin.by === "address") {
      importIt(parsed.description);
      return;
    }
    if (!file?.size) return;
    const known = targets.find((one) => one.name === target.trim());
    const { architecture, hyperparameters, convention, classes } = parsed.description;
    const asked = { architecture, hyperparameters, num_classes: classes.length, channels: convention.channels, classes, confirm_class_order: confirmed };
    void upload.run(async (report, signal, send) => {
      const problem = refusal(await look.mutateAsync({ file, asked }));
      setRefused(problem);
      if (problem) return;
      const sha256 = await digestOf(file, report, signal);
      const announced = JSON.stringify([target.trim(), version.trim(), text, classFields, sha256]);
      const again = made.current?.announced === announced; // after a break: the release is there, and awaits the file
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

  const importIt = (description: Description) => {
    const wrong = problemsOf(origin);
    if (wrong.address || wrong.sha256 || version.trim() === "") return;
    const known = targets.find((one) => one.name === target.trim());
    void upload.run(async () => {
      const announced = JSON.stringify([target.trim(), version.trim(), text, classFields]);
      const again = made.current?.announced === announced; // refused at first: the release is there, and awaits the file
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
            help="Safetensors (also a zip of shards and their index), a PyTorch state_dict or an ONNX model; what has to be converted is converted in a sandbox."
            file={file}
            onChange={choose}
            error={file?.size === 0 ? "This file is empty." : tried && !file ? "Choose the checkpoint." : null}
          />
        )}
        {origin.by === "file" && look.data && look.data.format !== "onnx" && !refused && <Proposals found={look.data.proposals} />}
        {origin.by === "file" && refused && (
          <div role="alert">
            <Notice title="It would be refused; nothing was sent">
              <ProblemDetails problem={refused} />
            </Notice>
          </div>
        )}
        <div className="grid gap-5 sm:grid-cols-2">
          <Field label="Target" help="A line of models; a new name makes a new one." error={tried && target.trim() === "" ? "Name the target." : null}>
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
            help={origin.by === "file" ? "Left empty: the start of the SHA-256." : "Such as the commit or version of the address."}
            error={tried && origin.by === "address" && version.trim() === "" ? "Name the version." : null}
          >
            {(field) => <TextInput {...field} maxLength={100} value={version} onChange={(event) => setVersion(event.target.value)} />}
          </Field>
        </div>
        <Field
          label="Description, JSON"
          help="How images are fed, and the names of the classes in the order of the outputs. The architecture by name with its hyper-parameters, or auto to have it found by the weights."
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
