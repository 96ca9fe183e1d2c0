// Uploading a checkpoint from the browser: description, digest, one stream with progress.
import { useQueryClient } from "@tanstack/react-query";
import { type SubmitEvent, useId, useRef, useState } from "react";
import type { Target } from "@/api/model";
import { digestOf } from "@/api/upload";
import { EXAMPLE, parseDescription, refusalOf, shapesOf } from "@/features/models/description";
import { Proposals } from "@/features/models/Proposals";
import { useCreateRelease, useProposals } from "@/features/models/queries";
import { FileField } from "@/ui/FileField";
import { useUpload } from "@/ui/useUpload";
import { UploadState } from "@/ui/UploadState";
import { Button } from "@/ui/Button";
import { Field, TextArea, TextInput } from "@/ui/Field";

interface Props {
  projectId: string;
  targets: readonly Target[];
  onClose: () => void;
  onDone: (releaseId: string) => void;
}

export function ReleaseUpload({ projectId, targets, onClose, onDone }: Props) {
  const create = useCreateRelease(projectId);
  const proposals = useProposals();
  const queries = useQueryClient();
  const upload = useUpload();
  const list = useId();
  const made = useRef<{ announced: string; id: string } | null>(null);
  const [file, setFile] = useState<File | null>(null);
  const [target, setTarget] = useState(targets[0]?.name ?? "");
  const [version, setVersion] = useState("");
  const [text, setText] = useState(JSON.stringify(EXAMPLE, null, 2));
  const [tried, setTried] = useState(false);
  const [fileProblem, setFileProblem] = useState<string | null>(null);
  const parsed = parseDescription(text);

  const choose = (chosen: File | null) => {
    setFile(chosen);
    setFileProblem(null);
    proposals.reset();
    if (!chosen) return;
    void refusalOf(chosen).then(setFileProblem);
    void shapesOf(chosen).then((shapes) => shapes && proposals.mutate(shapes));
  };

  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    setTried(true);
    if (!file || fileProblem || !parsed.ok || target.trim() === "") return;
    const known = targets.find((one) => one.name === target.trim());
    void upload.run(async (report, signal, send) => {
      const sha256 = await digestOf(file, report, signal);
      const announced = JSON.stringify([target.trim(), version.trim(), text, sha256]);
      const again = made.current?.announced === announced; // after a break: the release is there, and awaits the file
      const id = again && made.current ? made.current.id : (await create.mutateAsync({
        target: known ? { id: known.id } : { name: target.trim() },
        release: {
          version: version.trim() || sha256.slice(0, 12),
          ...parsed.description,
          sha256,
          size_bytes: file.size,
        },
      })).id;
      made.current = { announced, id };
      await send(`/api/v1/releases/${id}`, file, sha256);
      await queries.invalidateQueries({ queryKey: ["releases", projectId] });
      onDone(id);
    });
  };

  return (
    <form onSubmit={submit} noValidate className="border-line mb-10 max-w-2xl rounded-xl border p-6">
      <h2 className="text-lg font-semibold">Upload a release</h2>
      <div className="mt-4 space-y-5">
        <FileField
          label="Checkpoint"
          help="Safetensors (also a zip of shards and their index), a PyTorch state_dict or an ONNX model; what has to be converted is converted in a sandbox."
          file={file}
          onChange={choose}
          error={fileProblem ?? (tried && !file ? "Choose the checkpoint." : null)}
        />
        {proposals.data && <Proposals found={proposals.data} />}
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
          <Field label="Version" help="Left empty: the start of the SHA-256.">
            {(field) => <TextInput {...field} maxLength={100} value={version} onChange={(event) => setVersion(event.target.value)} />}
          </Field>
        </div>
        <Field
          label="Description, JSON"
          help="How images are fed, and the identities in the order of the outputs; architecture by name with its hyper-parameters, or auto to have it found by the weights."
          error={tried && !parsed.ok ? parsed.problem : null}
        >
          {(field) => (
            <TextArea {...field} rows={11} spellCheck={false} value={text} onChange={(event) => setText(event.target.value)} className="font-mono text-xs" />
          )}
        </Field>
        <UploadState upload={upload} />
        <div className="flex gap-2">
          <Button type="submit" look="primary" disabled={upload.running}>
            {upload.running ? "Uploading …" : "Upload and check"}
          </Button>
          <Button
            onClick={() => {
              upload.stop();
              onClose();
            }}
          >
            {upload.running ? "Stop" : "Close"}
          </Button>
        </div>
      </div>
    </form>
  );
}
