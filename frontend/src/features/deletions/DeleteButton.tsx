// The button that deletes a resource. Only who may delete sees it.
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { DeletionDialog } from "@/features/deletions/DeletionDialog";
import type { Subject } from "@/features/deletions/queries";
import { sessionQuery } from "@/features/session/queries";
import { Button, type ButtonLook } from "@/ui/Button";

interface Props {
  subject: Subject;
  projectId: string;
  name: string;
  look?: ButtonLook;
  words?: string;
  onDeleted?: () => void;
}

export function DeleteButton({ subject, projectId, name, look = "quiet", words = "Delete", onDeleted }: Props) {
  const { data: session } = useQuery(sessionQuery);
  const [open, setOpen] = useState(false);
  if (!session?.scopes.includes("data:delete")) return null;
  const close = () => setOpen(false);
  const deleted = () => {
    close();
    onDeleted?.();
  };
  return (
    <>
      <Button look={look} onClick={() => setOpen(true)} aria-label={`${words}: ${name}`}>
        {words}
      </Button>
      {open && <DeletionDialog subject={subject} projectId={projectId} name={name} onClose={close} onDeleted={deleted} />}
    </>
  );
}
