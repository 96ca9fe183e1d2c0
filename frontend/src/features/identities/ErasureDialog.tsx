// The dialog of an erasure: what it destroys, renames and keeps, the reason, the typed name, and the
// receipt.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type SubmitEvent, useState } from "react";
import { placed } from "@/api/faults";
import type { IdentityPreview } from "@/api/model";
import { Blockers } from "@/features/deletions/Blockers";
import { Lines } from "@/features/deletions/Lines";
import { ReceiptNotice } from "@/features/deletions/ReceiptNotice";
import { identityPreviewQuery, type Named, useErase } from "@/features/identities/queries";
import { erasedLines, identityWord, renamedLines } from "@/features/identities/words";
import { SubjectLink } from "@/features/projects/SubjectLink";
import { Button } from "@/ui/Button";
import { CommandLine } from "@/ui/Copy";
import { Dialog } from "@/ui/Dialog";
import { Field, TextInput } from "@/ui/Field";
import { ProblemNotice } from "@/ui/Notice";
import { Loading } from "@/ui/Page";

const SHORTEST_REASON = 3;
const FIELDS = { paths: { reason: "reason" }, codes: { name_in_reason: "reason" } } as const;

export function ErasureDialog({ named, onClose }: { named: Named; onClose: () => void }) {
  const queries = useQueryClient();
  const erase = useErase(named);
  const preview = useQuery({ ...identityPreviewQuery(named), enabled: !erase.isSuccess });
  const [reason, setReason] = useState("");
  const [typed, setTyped] = useState("");
  const [tried, setTried] = useState(false);
  const { at, rest } = placed(erase.error, FIELDS);
  const lacking = {
    reason: reason.trim().length < SHORTEST_REASON ? "State why, in at least three characters." : at.reason,
    name: typed.trim() === named.name ? undefined : `Type “${named.name}”, as the data set names it.`,
  };
  const close = () => {
    onClose();
    if (erase.isSuccess) void queries.invalidateQueries(); // the name goes from lists of every kind
  };
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    setTried(true);
    if (preview.data?.possible && reason.trim().length >= SHORTEST_REASON && lacking.name === undefined) erase.mutate({ reason: reason.trim(), confirm: preview.data.confirmation });
  };
  if (erase.isSuccess) {
    return (
      <Dialog open onOpenChange={close} title="Erased" description={`From now on, “${erase.data.subject}” stands in place of the name. A receipt was written.`}>
        <div className="mt-4 space-y-5">
          <ReceiptNotice receipt={erase.data} />
          <Button look="primary" onClick={close}>
            Close
          </Button>
        </div>
      </Dialog>
    );
  }
  return (
    <Dialog open onOpenChange={close} title={`Erase “${named.name}”?`} description="This cannot be undone. The erasure leaves a signed receipt, without the name.">
      <form onSubmit={submit} noValidate className="mt-4 space-y-4 text-sm">
        {preview.isPending && <Loading what="what would be erased" />}
        {preview.isError && <ProblemNotice error={preview.error} />}
        {rest !== null && <ProblemNotice error={rest} />}
        {preview.data && <Contents preview={preview.data} project={named.project} />}
        {preview.data?.possible && (
          <>
            <Field label="Reason" help="The receipt and the audit log keep it, so do not write the name into it." error={tried ? lacking.reason : null}>
              {(field) => <TextInput {...field} value={reason} maxLength={500} onChange={(event) => setReason(event.target.value)} />}
            </Field>
            <Field label="Name, to confirm" error={tried ? lacking.name : null}>
              {(field) => <TextInput {...field} value={typed} maxLength={200} autoComplete="off" onChange={(event) => setTyped(event.target.value)} />}
            </Field>
          </>
        )}
        <div className="flex flex-wrap gap-2">
          {preview.data?.possible && (
            <Button type="submit" look="primary" disabled={erase.isPending || preview.isFetching}>
              {erase.isPending ? "Erasing …" : "Erase for good"}
            </Button>
          )}
          <Button onClick={close}>Keep it</Button>
        </div>
        <CommandLine command={`exhume identity erase ${identityWord(named)} --preview`} />
      </form>
    </Dialog>
  );
}

function Contents({ preview, project }: { preview: IdentityPreview; project: string }) {
  const { also_named_in: others, left_empty: empty } = preview;
  return (
    <>
      <Lines title="Destroyed" lines={erasedLines(preview)} none="No images are left." />
      <Lines title="A pseudonym takes the place of the name in" lines={renamedLines(preview)} none="Nothing but the data set." />
      <Lines title="Kept" lines={preview.keeps} none="Nothing." />
      {others.length > 0 && (
        <p className="text-ink-2">
          Other data sets with this name stay as they are:{" "}
          {others.map((id) => (
            <span key={id}>
              <SubjectLink projectId={project} id={id} />{" "}
            </span>
          ))}
        </p>
      )}
      {!preview.possible && <Blockers preview={preview} projectId={project} otherwise={empty.length > 0 ? "Nobody else would be left in the data set. Delete the data set instead." : "Try again later."} />}
    </>
  );
}
