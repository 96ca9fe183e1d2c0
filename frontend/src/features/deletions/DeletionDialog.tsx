// The dialog of a deletion: what it destroys and keeps, the reason, and the receipt.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Blockers } from "@/features/deletions/Blockers";
import { ConfirmedDialog } from "@/features/deletions/ConfirmedDialog";
import { Lines } from "@/features/deletions/Lines";
import { previewQuery, type Subject, useDelete } from "@/features/deletions/queries";
import { destroyedLines } from "@/features/deletions/words";

const WORDS = { preview: "what would be deleted", help: "The receipt and the audit log keep it.", button: "Delete for good", working: "Deleting …" };

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
  const close = () => {
    if (remove.isSuccess) {
      onDeleted();
      void queries.invalidateQueries(); // a deletion reaches lists of every kind
    } else onClose();
  };
  return (
    <ConfirmedDialog
      title={`Delete “${name}”?`}
      description="This cannot be undone. The deletion leaves a signed receipt."
      done={{ title: "Deleted", description: `“${name}” was deleted, and a receipt was written.` }}
      words={WORDS}
      preview={preview}
      work={remove}
      problem={remove.error}
      contents={({ destroys, keeps, possible, ...rest }) => (
        <>
          <Lines title="Destroyed" lines={destroyedLines(destroys)} none="No stored files." />
          <Lines title="Kept" lines={keeps} none="Nothing." />
          {!possible && (
            <Blockers title="It cannot be deleted yet" preview={rest} projectId={projectId} otherwise="Its file is being checked. Try again when the checks have ended." />
          )}
        </>
      )}
      onClose={close}
    />
  );
}
