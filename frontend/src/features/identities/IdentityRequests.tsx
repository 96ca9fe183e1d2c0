// The buttons for requests of a person: what is held about them, and its erasure. Each is shown to who
// may do it.
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { ErasureDialog } from "@/features/identities/ErasureDialog";
import { ExportDialog } from "@/features/identities/ExportDialog";
import type { Named } from "@/features/identities/queries";
import { mayErase, mayExport } from "@/features/identities/requests";
import { sessionQuery } from "@/features/session/queries";
import { Button } from "@/ui/Button";

interface Props {
  named: Named;
  /** Says what is lacking. If it returns true, no dialog opens. */
  onLacking?: () => boolean;
  /** Called once the identity was erased and the receipt was closed. */
  onErased?: () => void;
}

export function IdentityRequests({ named, onLacking = () => false, onErased }: Props) {
  const { data: session } = useQuery(sessionQuery);
  const [open, setOpen] = useState<"export" | "erase" | null>(null);
  const close = () => setOpen(null);
  const erased = () => {
    close();
    onErased?.();
  };
  const show = (dialog: "export" | "erase") => !onLacking() && setOpen(dialog);
  return (
    <>
      {mayExport(session?.scopes) && <Button onClick={() => show("export")}>Export …</Button>}
      {mayErase(session?.scopes) && <Button onClick={() => show("erase")}>Erase …</Button>}
      {open === "export" && <ExportDialog named={named} onClose={close} />}
      {open === "erase" && <ErasureDialog named={named} onClose={close} onErased={erased} />}
    </>
  );
}
