// The buttons for requests of a person: what is held about them, and its erasure. Each is shown to who
// may do it.
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { ErasureDialog } from "@/features/identities/ErasureDialog";
import { ExportDialog } from "@/features/identities/ExportDialog";
import type { Named } from "@/features/identities/queries";
import { sessionQuery } from "@/features/session/queries";
import { Button } from "@/ui/Button";

interface Props {
  named: Named;
  /** Why it cannot be done yet. The dialogs stay closed. */
  onLacking?: () => boolean;
}

export function IdentityRequests({ named, onLacking = () => false }: Props) {
  const { data: session } = useQuery(sessionQuery);
  const [open, setOpen] = useState<"export" | "erase" | null>(null);
  const may = (...scopes: NonNullable<typeof session>["scopes"]) => scopes.every((scope) => session?.scopes.includes(scope));
  const close = () => setOpen(null);
  const show = (dialog: "export" | "erase") => !onLacking() && setOpen(dialog);
  return (
    <>
      {may("reconstructions:reveal", "audits:read") && <Button onClick={() => show("export")}>Export …</Button>}
      {may("data:delete") && <Button onClick={() => show("erase")}>Erase …</Button>}
      {open === "export" && <ExportDialog named={named} onClose={close} />}
      {open === "erase" && <ErasureDialog named={named} onClose={close} />}
    </>
  );
}
