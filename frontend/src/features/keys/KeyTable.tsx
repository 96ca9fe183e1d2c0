// The table of API keys, which shows their last four characters only.
import { useState } from "react";
import type { ApiKey } from "@/api/model";
import { useRevokeKey } from "@/features/keys/queries";
import { Who } from "@/features/log/Who";
import { Button } from "@/ui/Button";
import type { Column } from "@/ui/column";
import { DataTable } from "@/ui/DataTable";
import { Dialog } from "@/ui/Dialog";
import { ProblemNotice } from "@/ui/Notice";
import { When } from "@/ui/When";

const COLUMNS: Column<ApiKey>[] = [
  { id: "name", header: "Name", rowHeader: true, className: "font-medium", cell: ({ name }) => name },
  { id: "key", header: "Key", className: "text-ink-2 font-mono text-xs", cell: ({ last4 }) => `…${last4}` },
  { id: "scopes", header: "Scopes", className: "text-ink-2 max-w-72 text-xs", cell: ({ scopes }) => scopes.join(", ") },
  { id: "by", header: "Created by", className: "text-ink-2", cell: ({ created_by }) => (created_by ? <Who actor={created_by} /> : "–") },
  { id: "used", header: "Last used", align: "end", className: "text-ink-2", cell: (key) => (key.last_used_at ? <When at={key.last_used_at} /> : "never") },
  { id: "ends", header: "Expires", align: "end", className: "text-ink-2", cell: (key) => (key.expires_at ? <When at={key.expires_at} /> : "never") },
];

interface Props {
  caption: string;
  rows: readonly ApiKey[];
  /** Whether the signed-in person may revoke these keys. */
  mayRevoke: boolean;
}

export function KeyTable({ caption, rows, mayRevoke }: Props) {
  const [revoking, setRevoking] = useState<ApiKey | null>(null);
  const revoke = useRevokeKey();
  const ask = (key: ApiKey) => {
    revoke.reset(); // a problem with another key
    setRevoking(key);
  };
  const actions: Column<ApiKey> = {
    id: "actions",
    header: <span className="sr-only">Actions</span>,
    align: "end",
    cell: (key) =>
      key.revoked_at ? (
        <span className="text-ink-3">revoked</span>
      ) : (
        mayRevoke && (
          <Button look="quiet" onClick={() => ask(key)} aria-label={`Revoke ${key.name}`}>
            Revoke
          </Button>
        )
      ),
  };
  return (
    <>
      <DataTable caption={caption} columns={[...COLUMNS, actions]} rows={rows} rowKey={({ id }) => id} width="min-w-[48rem]" />
      <Dialog
        open={revoking !== null}
        onOpenChange={() => setRevoking(null)}
        title={`Revoke “${revoking?.name ?? ""}”?`}
        description="Requests with this key, and with keys that it made, are rejected from now on. Browsers that signed in with them are signed out. Audits that they started continue."
      >
        {revoke.isError && (
          <div className="mt-4">
            <ProblemNotice error={revoke.error} />
          </div>
        )}
        <div className="mt-5 flex gap-2">
          <Button
            look="primary"
            disabled={revoke.isPending}
            onClick={() => revoking && revoke.mutate(revoking.id, { onSuccess: () => setRevoking(null) })}
          >
            Revoke the key
          </Button>
          <Button onClick={() => setRevoking(null)}>Keep it</Button>
        </div>
      </Dialog>
    </>
  );
}
