// The form of a new verifier: one ONNX file, its input convention and its card.
import { useQueryClient } from "@tanstack/react-query";
import { type SubmitEvent, useRef, useState } from "react";
import { placed } from "@/api/faults";
import type { Verifier, VerifierCreate } from "@/api/model";
import { digestOf } from "@/api/upload";
import { numbered } from "@/features/uploads/numbered";
import { cardOf, conventionOf } from "@/features/verifiers/description";
import { useCreateVerifier, verifierKeys } from "@/features/verifiers/queries";
import { Field, Select, TextInput } from "@/ui/Field";
import { FileField } from "@/ui/FileField";
import { UploadButtons, UploadState } from "@/ui/UploadState";
import { useUpload } from "@/ui/useUpload";

interface Props {
  projectId: string;
  verifiers: readonly Verifier[];
  onClose: () => void;
}

const FIELDS = {
  paths: { name: "name", "convention.mean": "mean", "convention.std": "std", convention: "mean", card: "card" },
  codes: { name_taken: "name" },
} as const;

export function VerifierUpload({ projectId, verifiers, onClose }: Props) {
  const create = useCreateVerifier(projectId);
  const queries = useQueryClient();
  const upload = useUpload();
  const [file, setFile] = useState<File | null>(null);
  const [card, setCard] = useState<File | null>(null);
  const [name, setName] = useState("");
  const [mean, setMean] = useState("0");
  const [std, setStd] = useState("1");
  const [order, setOrder] = useState<"RGB" | "BGR">("RGB");
  const [tried, setTried] = useState(false);
  const made = useRef<{ announced: string; id: string } | null>(null);
  const server = placed(upload.error, FIELDS);
  const convention = conventionOf(mean, std, order);

  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    setTried(true);
    if (!file || file.size === 0 || typeof convention === "string") return;
    void upload.run(async (report, signal, send) => {
      const sha256 = await digestOf(file, report, signal);
      const refused = verifiers.filter((one) => one.state === "refused").map((one) => one.name);
      const body: VerifierCreate = {
        name: name.trim() || numbered(file.name.replace(/\.onnx$/i, ""), refused),
        convention,
        card: card && cardOf(card.name, await card.text()),
      };
      const announced = JSON.stringify(body);
      const known = made.current; // after an interruption, the verifier exists and waits for its file
      const id = known?.announced === announced ? known.id : (await create.mutateAsync(body)).id;
      made.current = { announced, id };
      await send(`/api/v1/verifiers/${id}`, file, sha256);
      await queries.invalidateQueries({ queryKey: verifierKeys.list(projectId) });
      onClose();
    });
  };

  return (
    <form onSubmit={submit} noValidate className="border-line mb-6 max-w-2xl rounded-xl border p-6">
      <h2 className="text-lg font-semibold">Upload a verifier</h2>
      <div className="mt-4 space-y-5">
        <FileField
          label="Model"
          accept=".onnx"
          help="One .onnx file that maps images (batch, channels, height, width) to embeddings. It runs in the sandbox only."
          file={file}
          onChange={setFile}
          error={tried && !file ? "Choose an .onnx file." : file?.size === 0 ? "This file is empty." : null}
        />
        <Field label="Name" error={server.at.name} help="Defaults to the name of the file, with a number if a file of that name was rejected before.">
          {(field) => <TextInput {...field} maxLength={100} value={name} onChange={(event) => setName(event.target.value)} />}
        </Field>
        <fieldset>
          <legend className="mb-1.5 text-sm font-medium">Input convention: (x − mean) / std, for images from 0 to 1</legend>
          <div className="grid gap-4 sm:grid-cols-3">
            <Field label="Mean" error={server.at.mean} help="One number, or one per channel.">
              {(field) => <TextInput {...field} value={mean} onChange={(event) => setMean(event.target.value)} />}
            </Field>
            <Field label="Standard deviation" error={server.at.std}>
              {(field) => <TextInput {...field} value={std} onChange={(event) => setStd(event.target.value)} />}
            </Field>
            <Field label="Channel order">
              {(field) => (
                <Select {...field} value={order} onChange={(event) => setOrder(event.target.value as "RGB" | "BGR")}>
                  <option>RGB</option>
                  <option>BGR</option>
                </Select>
              )}
            </Field>
          </div>
          {tried && typeof convention === "string" && <p className="mt-1 text-xs font-medium">{convention}</p>}
        </fieldset>
        <FileField
          label="Card (optional)"
          accept=".json"
          help="JSON with details from its author, such as training set, loss and figures. It is shown, but not checked."
          file={card}
          onChange={setCard}
          error={server.at.card}
        />
        <UploadState upload={upload} error={server.rest} />
        <UploadButtons upload={upload} onClose={onClose} />
      </div>
    </form>
  );
}
