// The dialog of an export: the purpose, and then the archive as a file.
import { type SubmitEvent, useState } from "react";
import { placed } from "@/api/faults";
import { type Named, useExport } from "@/features/identities/queries";
import { identityWord } from "@/features/identities/words";
import { saveBlob } from "@/plots/download";
import { Button } from "@/ui/Button";
import { CommandLine } from "@/ui/Copy";
import { Dialog } from "@/ui/Dialog";
import { Field, TextInput } from "@/ui/Field";
import { ProblemNotice } from "@/ui/Notice";

const SHORTEST_PURPOSE = 3;
const FILE = "identity.zip"; // without the name, which would stay in the list of downloads
const FIELDS = { paths: { purpose: "purpose" } } as const;

export function ExportDialog({ named, onClose }: { named: Named; onClose: () => void }) {
  const exported = useExport(named, (archive) => saveBlob(FILE, archive));
  const [purpose, setPurpose] = useState("");
  const [tried, setTried] = useState(false);
  const { at, rest } = placed(exported.error, FIELDS);
  const short = purpose.trim().length < SHORTEST_PURPOSE;
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    setTried(true);
    if (!short) exported.mutate(purpose.trim());
  };
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={`Export what is held about “${named.name}”`}
      description="A ZIP archive with the private images, the reconstructions that are left, and a document with audits, scores, releases, decisions and entries of the audit log."
    >
      <form onSubmit={submit} noValidate className="mt-4 space-y-4 text-sm">
        <Field label="Purpose" help="The audit log keeps it, with who asked." error={tried && short ? "State the purpose, in at least three characters." : at.purpose}>
          {(field) => <TextInput {...field} value={purpose} maxLength={500} onChange={(event) => setPurpose(event.target.value)} />}
        </Field>
        {rest !== null && <ProblemNotice error={rest} title="The archive was not made" />}
        {exported.isSuccess && (
          <p role="status" className="font-medium">
            The archive was saved as {FILE}. It is not encrypted.
          </p>
        )}
        <div className="flex flex-wrap gap-2">
          <Button type="submit" look="primary" disabled={exported.isPending}>
            {exported.isPending ? "Making the archive …" : "Download and log"}
          </Button>
          <Button onClick={onClose}>Close</Button>
        </div>
        <CommandLine command={`exhume identity export ${identityWord(named)} --purpose PURPOSE --output ${FILE}`} />
      </form>
    </Dialog>
  );
}
