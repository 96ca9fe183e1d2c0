// The form of a new data set: its role, and a file that is uploaded or fetched from an address.
import { useQueryClient } from "@tanstack/react-query";
import { type SubmitEvent, useRef, useState } from "react";
import { placed } from "@/api/faults";
import type { DataRole, Dataset } from "@/api/model";
import { digestOf } from "@/api/upload";
import { datasetKeys, useCreateDataset } from "@/features/datasets/queries";
import { RoleField } from "@/features/datasets/RoleField";
import { UploadedDataset } from "@/features/datasets/UploadedDataset";
import { type Listing, listingOf } from "@/features/datasets/zipListing";
import { AddressFields, FROM_FILE, problemsOf } from "@/features/uploads/AddressFields";
import { numbered } from "@/features/uploads/numbered";
import { useImport, useImportHosts } from "@/features/uploads/queries";
import { plural } from "@/format/numbers";
import { Button } from "@/ui/Button";
import { Field, TextInput } from "@/ui/Field";
import { FileField } from "@/ui/FileField";
import { Notice } from "@/ui/Notice";
import { ROLE_WORDS } from "@/ui/Role";
import { UploadButtons, UploadState } from "@/ui/UploadState";
import { useUpload } from "@/ui/useUpload";

interface Props {
  projectId: string;
  datasets: readonly Dataset[];
  onClose: () => void;
}

const FIELDS = { paths: { name: "name", role: "role" }, codes: { name_taken: "name" } } as const;

export function DatasetUpload({ projectId, datasets, onClose }: Props) {
  const create = useCreateDataset(projectId);
  const queries = useQueryClient();
  const upload = useUpload();
  const [role, setRole] = useState<DataRole | null>(null);
  const [file, setFile] = useState<File | null>(null);
  const [listing, setListing] = useState<{ file: File; found: Listing | null } | null>(null);
  const [name, setName] = useState("");
  const made = useRef<{ announced: string; id: string } | null>(null);
  const fetched = useImport(projectId);
  const hosts = useImportHosts();
  const [origin, setOrigin] = useState(FROM_FILE);
  const [tried, setTried] = useState(false);
  const [same, setSame] = useState<readonly Dataset[]>([]);
  const [done, setDone] = useState<string | null>(null);
  const server = placed(upload.error, FIELDS);
  const fromFile = origin.by === "file";

  const choose = (chosen: File | null) => {
    setFile(chosen);
    setListing(null);
    setSame([]);
    if (chosen && /\.zip$/i.test(chosen.name)) void listingOf(chosen).then((found) => setListing({ file: chosen, found }), () => null); // the check reads it again
  };

  const start = (again: boolean) => {
    setTried(true);
    const wrong = problemsOf(origin);
    if (role === null || (fromFile ? !file || file.size === 0 : wrong.address || wrong.sha256)) return;
    void upload.run(async (report, signal, send) => {
      setSame([]);
      const given = fromFile ? (file?.name ?? "") : origin.address.trim().replace(/^.*\//, "");
      const refused = datasets.filter((one) => one.state === "refused").map((one) => one.name);
      const body = { name: name.trim() || numbered(given.replace(/\.(zip|npz)$/i, ""), refused), role };
      const sha256 = fromFile && file ? await digestOf(file, report, signal) : origin.sha256.trim();
      const holders = datasets.filter((one) => one.sha256 === sha256 && (one.state === "ready" || one.state === "checking"));
      if (holders.length > 0 && !again) {
        setSame(holders);
        return;
      }
      const announced = JSON.stringify(body);
      const known = made.current?.announced === announced ? made.current.id : null; // after an interruption, the data set exists and waits for its file
      const id = known ?? (await create.mutateAsync(body)).id;
      made.current = { announced, id };
      if (fromFile && file) await send(`/api/v1/datasets/${id}`, file, sha256);
      else await fetched.mutateAsync({ kind: "dataset", id, address: origin.address.trim(), sha256 });
      await queries.invalidateQueries({ queryKey: datasetKeys.list(projectId) });
      setDone(id);
    });
  };

  const finished = datasets.find((one) => one.id === done);
  if (finished) {
    const again = () => {
      setDone(null);
      choose(null);
      setTried(false);
      setRole(null);
    };
    return <UploadedDataset dataset={finished} onAgain={again} onClose={onClose} />;
  }
  return (
    <form
      onSubmit={(event: SubmitEvent) => {
        event.preventDefault();
        start(false);
      }}
      noValidate
      className="border-line mb-6 max-w-2xl rounded-xl border p-4 sm:p-6"
    >
      <h2 className="text-lg font-semibold">Upload images</h2>
      <div className="mt-4 space-y-5">
        <RoleField value={role} onChange={setRole} error={server.at.role ?? (tried && role === null ? "Choose what these images are." : null)} />
        {hosts.length > 0 && (
          <AddressFields hosts={hosts} origin={origin} onChange={setOrigin} tried={tried} example="https://host/images.zip" />
        )}
        {fromFile && (
          <FileField
            label="Images"
            accept=".zip,.npz"
            help="A zip with one folder for each class, or an .npz with images, labels and identities. Notes list what the check changes or leaves out."
            file={file}
            onChange={choose}
            error={tried && !file ? "Choose a .zip or .npz file." : file?.size === 0 ? "This file is empty." : null}
          />
        )}
        {listing?.found && listing.file === file && <Recognised listing={listing.found} role={role} />}
        <Field label="Name" error={server.at.name} help="Defaults to the name of the file, with a number if a file of that name was rejected before.">
          {(field) => <TextInput {...field} maxLength={100} value={name} onChange={(event) => setName(event.target.value)} />}
        </Field>
        {same.length > 0 && (
          <div role="alert">
            <Notice title="This project has this file already" actions={<Button onClick={() => start(true)}>Add it as another data set</Button>}>
              {same.map((one) => (
                <p key={one.id}>
                  It is already {one.name}: {ROLE_WORDS[one.role].name.toLowerCase()}.
                </p>
              ))}
              <p>Nothing was sent.</p>
            </Notice>
          </div>
        )}
        <UploadState upload={upload} error={server.rest} />
        <UploadButtons upload={upload} importing={!fromFile} onClose={onClose} />
      </div>
    </form>
  );
}

/** What the file lists, before it is sent. */
function Recognised({ listing: { images, folders }, role }: { listing: Listing; role: DataRole | null }) {
  const classless = folders < 2 && role !== null && role !== "public";
  return (
    <p className={classless || images === 0 ? "text-sm font-medium" : "text-ink-2 text-sm"} role="status">
      {images === 0 ? "The file lists no images." : `The file lists ${plural(images, "image")} in ${plural(folders, "folder")}.`}
      {images > 0 && classless && " These images need one folder for each class, or a list of identities."}
    </p>
  );
}
