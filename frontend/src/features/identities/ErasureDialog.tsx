// The dialog of an erasure: what it destroys, renames and keeps, the reason, the typed name, and the
// receipt.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { placed } from "@/api/faults";
import type { IdentityPreview } from "@/api/model";
import { Blockers } from "@/features/deletions/Blockers";
import { ConfirmedDialog } from "@/features/deletions/ConfirmedDialog";
import { Lines } from "@/features/deletions/Lines";
import { identityPreviewQuery, type Named, useErase } from "@/features/identities/queries";
import { erasedLines, identityWord, renamedLines } from "@/features/identities/words";
import { SubjectLink } from "@/features/projects/SubjectLink";
import { CommandLine } from "@/ui/Copy";
import { Field, TextInput } from "@/ui/Field";

const FIELDS = { paths: { reason: "reason" }, codes: { name_in_reason: "reason" } } as const;
const WORDS = {
  preview: "what would be erased",
  help: "The receipt and the audit log keep it, so do not write the name into it.",
  button: "Erase for good",
  working: "Erasing …",
};

interface Props {
  named: Named;
  onClose: () => void;
  /** Called instead of `onClose` when it was erased. */
  onErased: () => void;
}

export function ErasureDialog({ named, onClose, onErased }: Props) {
  const queries = useQueryClient();
  const erase = useErase(named);
  const preview = useQuery({ ...identityPreviewQuery(named), enabled: !erase.isSuccess });
  const [typed, setTyped] = useState("");
  const { at, rest } = placed(erase.error, FIELDS);
  const confirmed = typed.trim() === named.name;
  const close = () => {
    if (erase.isSuccess) {
      onErased();
      void queries.invalidateQueries(); // the name goes from lists of every kind
    } else onClose();
  };
  return (
    <ConfirmedDialog
      title={`Erase “${named.name}”?`}
      description="This cannot be undone. The erasure leaves a signed receipt, without the name."
      done={{ title: "Erased", description: `From now on, “${erase.data?.subject ?? ""}” stands in place of the name. A receipt was written.` }}
      words={WORDS}
      preview={preview}
      work={erase}
      problem={rest}
      reasonProblem={at.reason}
      contents={(found) => <Contents preview={found} project={named.project} />}
      further={{
        filled: confirmed,
        field: (tried) => (
          <Field label="Name, to confirm" error={tried && !confirmed ? `Type “${named.name}”, as the data set names it.` : null}>
            {(field) => <TextInput {...field} value={typed} maxLength={200} autoComplete="off" onChange={(event) => setTyped(event.target.value)} />}
          </Field>
        ),
      }}
      foot={<CommandLine command={`exhume identity erase ${identityWord(named)} --preview`} />}
      onClose={close}
    />
  );
}

function Contents({ preview, project }: { preview: IdentityPreview; project: string }) {
  const { also_named_in: others, left_empty: empty } = preview;
  return (
    <>
      <Lines title="Destroyed" lines={erasedLines(preview)} none="No images are left." />
      <Lines title="A pseudonym takes the place of the name in" lines={renamedLines(preview)} none="Only notes of the data set." />
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
      {!preview.possible && (
        <Blockers
          title={empty.length > 0 ? "It cannot be erased" : "It cannot be erased yet"}
          preview={preview}
          projectId={project}
          otherwise={empty.length > 0 ? "Nobody else would be left in the data set. Delete the data set instead." : "Try again later."}
        />
      )}
    </>
  );
}
