// The form of a new data set: a file that is uploaded, or an address to fetch it from.
import { useQueryClient } from "@tanstack/react-query";
import { type SubmitEvent, useRef, useState } from "react";
import type { DataRole, Dataset } from "@/api/model";
import { digestOf } from "@/api/upload";
import { datasetKeys, useCreateDataset } from "@/features/datasets/queries";
import { Field, TextInput } from "@/ui/Field";
import { AddressFields, FROM_FILE, problemsOf } from "@/features/uploads/AddressFields";
import { numbered } from "@/features/uploads/numbered";
import { useImport, useImportHosts } from "@/features/uploads/queries";
import { FileField } from "@/ui/FileField";
import { RoleMark } from "@/ui/Role";
import { UploadButtons, UploadState } from "@/ui/UploadState";
import { useUpload } from "@/ui/useUpload";
import { classes } from "@/ui/classes";

interface Props {
  projectId: string;
  datasets: readonly Dataset[];
  onClose: () => void;
  onDone: (datasetId: string) => void;
}

export function DatasetUpload({ projectId, datasets, onClose, onDone }: Props) {
  const create = useCreateDataset(projectId);
  const queries = useQueryClient();
  const upload = useUpload();
  const [role, setRole] = useState<DataRole>("public");
  const [file, setFile] = useState<File | null>(null);
  const [name, setName] = useState("");
  const made = useRef<{ announced: string; id: string } | null>(null);
  const fetched = useImport(projectId);
  const hosts = useImportHosts();
  const [origin, setOrigin] = useState(FROM_FILE);
  const [tried, setTried] = useState(false);

  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    setTried(true);
    const wrong = problemsOf(origin);
    if (origin.by === "address" ? wrong.address || wrong.sha256 : !file || file.size === 0) return;
    void upload.run(async (report, signal, send) => {
      const given = origin.by === "address" ? origin.address.trim().replace(/^.*\//, "") : (file?.name ?? "");
      const refused = datasets.filter((one) => one.state === "refused").map((one) => one.name);
      const body = { name: name.trim() || numbered(given.replace(/\.(zip|npz)$/i, ""), refused), role };
      const sha256 = origin.by === "file" && file ? await digestOf(file, report, signal) : origin.sha256.trim();
      const announced = JSON.stringify(body);
      const again = made.current?.announced === announced; // after an interruption, the data set exists and waits for its file
      const id = again && made.current ? made.current.id : (await create.mutateAsync(body)).id;
      made.current = { announced, id };
      if (origin.by === "file" && file) await send(`/api/v1/datasets/${id}`, file, sha256);
      else await fetched.mutateAsync({ kind: "dataset", id, address: origin.address.trim(), sha256 });
      await queries.invalidateQueries({ queryKey: datasetKeys.list(projectId) });
      onDone(id);
    });
  };

  return (
    <form onSubmit={submit} noValidate className="border-line mb-6 max-w-2xl rounded-xl border p-6">
      <h2 className="text-lg font-semibold">Upload images</h2>
      <div className="mt-4 space-y-5">
        <fieldset>
          <legend className="mb-1.5 text-sm font-medium">Role</legend>
          <div className="grid gap-3 sm:grid-cols-2">
            {(["public", "private", "gallery"] as const).map((one) => (
              <label
                key={one}
                className={classes(
                  "flex cursor-pointer items-start gap-2.5 rounded-md border px-3 py-2.5",
                  one !== role ? "border-line" : one === "gallery" ? "border-ink-3" : one === "public" ? "border-public" : "border-private",
                )}
              >
                <input type="radio" name="role" checked={one === role} onChange={() => setRole(one)} className="accent-accent mt-1" />
                <RoleMark of={one} meaning />
              </label>
            ))}
          </div>
        </fieldset>
        {hosts.length > 0 && (
          <AddressFields hosts={hosts} origin={origin} onChange={setOrigin} tried={tried} example="https://host/images.zip" />
        )}
        {origin.by === "file" && (
          <FileField
            label="Images"
            accept=".zip,.npz"
            help="A zip with one folder for each class, or an .npz with images, labels and identities. Notes list what the check changes or leaves out."
            file={file}
            onChange={setFile}
            error={tried && !file ? "Choose a .zip or .npz file." : file?.size === 0 ? "This file is empty." : null}
          />
        )}
        <Field label="Name" help="Defaults to the name of the file, with a number if a file of that name was rejected before.">
          {(field) => <TextInput {...field} maxLength={100} value={name} onChange={(event) => setName(event.target.value)} />}
        </Field>
        <UploadState upload={upload} />
        <UploadButtons upload={upload} importing={origin.by === "address"} onClose={onClose} />
      </div>
    </form>
  );
}
