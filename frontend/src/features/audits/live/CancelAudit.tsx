// The button that cancels an audit, with a dialog that says what is lost and what is kept.
import { useState } from "react";
import type { Audit } from "@/api/model";
import { useCancelAudit } from "@/features/audits/live/queries";
import { Button } from "@/ui/Button";
import { CommandLine } from "@/ui/Copy";
import { Dialog } from "@/ui/Dialog";
import { ProblemNotice } from "@/ui/Notice";

export function CancelAudit({ audit }: { audit: Audit }) {
  const [open, setOpen] = useState(false);
  const cancel = useCancelAudit(audit.id);
  if (audit.state === "cancelling") return <span className="text-ink-2 text-sm">Stopping at the next checkpoint …</span>;
  return (
    <>
      <Button onClick={() => setOpen(true)}>Cancel</Button>
      <Dialog
        open={open}
        onOpenChange={setOpen}
        title="Cancel this audit?"
        description="It stops at the next checkpoint and will have no verdict. Finished stages (prior, students) are kept and reused by the next audit of the same release."
      >
        {cancel.isError && (
          <div className="mt-4">
            <ProblemNotice error={cancel.error} />
          </div>
        )}
        <div className="mt-5 flex flex-wrap gap-2">
          <Button
            look="primary"
            disabled={cancel.isPending}
            onClick={() => cancel.mutate(undefined, { onSuccess: () => setOpen(false) })}
          >
            Cancel the audit
          </Button>
          <Button onClick={() => setOpen(false)}>Keep it running</Button>
        </div>
        <div className="mt-5">
          <CommandLine command={`exhume audit cancel ${audit.id}`} />
        </div>
      </Dialog>
    </>
  );
}
