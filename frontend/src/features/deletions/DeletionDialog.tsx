// The dialog of a deletion: what it destroys and keeps, the reason, and the receipt.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type SubmitEvent, useState } from "react";
import { Blockers } from "@/features/deletions/Blockers";
import { Lines } from "@/features/deletions/Lines";
import { previewQuery, type Subject, useDelete } from "@/features/deletions/queries";
import { ReceiptNotice } from "@/features/deletions/ReceiptNotice";
import { destroyedLines } from "@/features/deletions/words";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { Field, TextInput } from "@/ui/Field";
import { ProblemNotice } from "@/ui/Notice";
import { Loading } from "@/ui/Page";

const SHORTEST_REASON = 3;

interface Props {
  subject: Subject;
  projectId: string;
  /** What is deleted, in the question: "badge-photos". */
  name: string;
  onClose: () => void;
  /** Called instead of `onClose` when it was deleted. */
  onDeleted?: () => void;
}

export function DeletionDialog({ subject, projectId, name, onClose, onDeleted = onClose }: Props) {
  const queries = useQueryClient();
  const remove = useDelete(subject);
  const preview = useQuery({ ...previewQuery(subject), enabled: !remove.isSuccess });
  const [reason, setReason] = useState("");
  const [tried, setTried] = useState(false);
  const close = () => {
    if (remove.isSuccess) {
      onDeleted();
      void queries.invalidateQueries(); // a deletion reaches lists of every kind
    } else onClose();
  };
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    setTried(true);
    if (preview.data?.possible && reason.trim().length >= SHORTEST_REASON) remove.mutate({ reason: reason.trim(), confirm: preview.data.confirmation });
  };
  if (remove.isSuccess) {
    return (
      <Dialog open onOpenChange={close} title="Deleted" description={`“${name}” was deleted, and a receipt was written.`}>
        <div className="mt-4 space-y-5">
          <ReceiptNotice receipt={remove.data} />
          <Button look="primary" onClick={close}>
            Close
          </Button>
        </div>
      </Dialog>
    );
  }
  return (
    <Dialog open onOpenChange={close} title={`Delete “${name}”?`} description="This cannot be undone. The deletion leaves a signed receipt.">
      <form onSubmit={submit} noValidate className="mt-4 space-y-4 text-sm">
        {preview.isPending && <Loading what="what would be deleted" />}
        {preview.isError && <ProblemNotice error={preview.error} />}
        {remove.isError && <ProblemNotice error={remove.error} />}
        {preview.data && (
          <>
            <Lines title="Destroyed" lines={destroyedLines(preview.data.destroys)} none="No stored files." />
            <Lines title="Kept" lines={preview.data.keeps} none="Nothing." />
            {preview.data.possible ? (
              <Field
                label="Reason"
                help="The receipt and the audit log keep it."
                error={tried && reason.trim().length < SHORTEST_REASON ? "State why, in at least three characters." : null}
              >
                {(field) => <TextInput {...field} value={reason} maxLength={500} onChange={(event) => setReason(event.target.value)} />}
              </Field>
            ) : (
              <Blockers preview={preview.data} projectId={projectId} otherwise="Its file is being checked. Try again when the checks have ended." />
            )}
          </>
        )}
        <div className="flex flex-wrap gap-2">
          {preview.data?.possible && (
            <Button type="submit" look="primary" disabled={remove.isPending || preview.isFetching}>
              {remove.isPending ? "Deleting …" : "Delete for good"}
            </Button>
          )}
          <Button onClick={close}>Keep it</Button>
        </div>
      </form>
    </Dialog>
  );
}
