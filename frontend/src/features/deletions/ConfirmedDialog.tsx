// The dialog of a deletion or an erasure: a preview, the reason, and the receipt. It stays open while
// the service works, so that the receipt can be read.
import type { UseQueryResult } from "@tanstack/react-query";
import { type ReactNode, type SubmitEvent, useState } from "react";
import type { Receipt } from "@/api/model";
import type { Confirmed } from "@/features/deletions/queries";
import { ReceiptNotice } from "@/features/deletions/ReceiptNotice";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { Field, TextInput } from "@/ui/Field";
import { ProblemNotice } from "@/ui/Notice";
import { Loading } from "@/ui/Page";

const SHORTEST_REASON = 3;

interface Props<Preview> {
  title: string;
  description: string;
  /** Title and description once it is done. */
  done: { title: string; description: string };
  words: { preview: string; help: string; button: string; working: string };
  preview: UseQueryResult<Preview>;
  work: { isPending: boolean; data: Receipt | undefined; mutate: (confirmed: Confirmed) => void };
  /** The problem of the service that concerns no field. */
  problem: unknown;
  /** Its problem with the reason. */
  reasonProblem?: string | undefined;
  contents: (preview: Preview) => ReactNode;
  /** A further field, and whether it is filled in. `tried`: it was submitted. */
  further?: { filled: boolean; field: (tried: boolean) => ReactNode };
  foot?: ReactNode;
  onClose: () => void;
}

export function ConfirmedDialog<Preview extends { possible: boolean; confirmation: string }>(props: Props<Preview>) {
  const { title, description, done, words, preview, work, problem, reasonProblem, contents, further, foot, onClose } = props;
  const [reason, setReason] = useState("");
  const [tried, setTried] = useState(false);
  const stated = reason.trim();
  const short = stated.length < SHORTEST_REASON;
  const close = () => {
    if (!work.isPending) onClose();
  };
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    setTried(true);
    if (preview.data?.possible && !short && further?.filled !== false) work.mutate({ reason: stated, confirm: preview.data.confirmation });
  };
  if (work.data) {
    return (
      <Dialog open onOpenChange={close} {...done}>
        <div className="mt-4 space-y-5">
          <ReceiptNotice receipt={work.data} />
          <Button look="primary" onClick={close}>
            Close
          </Button>
        </div>
      </Dialog>
    );
  }
  return (
    <Dialog open onOpenChange={close} title={title} description={description}>
      <form onSubmit={submit} noValidate className="mt-4 space-y-4 text-sm">
        {preview.isPending && <Loading what={words.preview} />}
        {preview.isError && <ProblemNotice error={preview.error} />}
        {problem !== null && <ProblemNotice error={problem} />}
        {preview.data && contents(preview.data)}
        {preview.data?.possible && (
          <>
            <Field label="Reason" help={words.help} error={tried ? (short ? "State why, in at least three characters." : reasonProblem) : null}>
              {(field) => <TextInput {...field} value={reason} maxLength={500} onChange={(event) => setReason(event.target.value)} />}
            </Field>
            {further?.field(tried)}
          </>
        )}
        <div className="flex flex-wrap gap-2">
          {preview.data?.possible && (
            <Button type="submit" look="primary" disabled={work.isPending || preview.isFetching}>
              {work.isPending ? words.working : words.button}
            </Button>
          )}
          <Button onClick={close} disabled={work.isPending}>
            Keep it
          </Button>
        </div>
        {foot}
      </form>
    </Dialog>
  );
}
