// The keys of a project, without their text.
import { useState } from "react";
import type { ApiKey } from "@/api/model";
import { useRevokeKey } from "@/features/keys/queries";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { ProblemNotice } from "@/ui/Notice";
import { When } from "@/ui/When";

export function KeyTable({ projectId, rows }: { projectId: string; rows: readonly ApiKey[] }) {
  const [revoking, setRevoking] = useState<ApiKey | null>(null);
  const revoke = useRevokeKey(projectId);
  return (
    <div className="-mx-2 relative overflow-x-auto px-2">
      <table className="data-table min-w-[48rem]">
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">Key</th>
            <th scope="col">May</th>
            <th scope="col" className="number">
              Last used
            </th>
            <th scope="col" className="number">
              Ends
            </th>
            <th scope="col">
              <span className="sr-only">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((key) => (
            <tr key={key.id}>
              <td className="font-medium">{key.name}</td>
              <td className="text-ink-2 font-mono text-xs">…{key.last4}</td>
              <td className="text-ink-2 max-w-72 text-xs">{key.scopes.join(", ")}</td>
              <td className="number text-ink-2">{key.last_used_at ? <When at={key.last_used_at} /> : "never"}</td>
              <td className="number text-ink-2">{key.expires_at ? <When at={key.expires_at} /> : "never"}</td>
              <td className="number">
                {key.revoked_at ? (
                  <span className="text-ink-3">revoked</span>
                ) : (
                  <Button look="quiet" onClick={() => setRevoking(key)} aria-label={`Revoke ${key.name}`}>
                    Revoke
                  </Button>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <Dialog
        open={revoking !== null}
        onOpenChange={() => setRevoking(null)}
        title={`Revoke “${revoking?.name ?? ""}”?`}
        description="What uses this key is refused from now on, and browsers that signed in with it are signed out. Audits it started go on."
      >
        {revoke.isError && <ProblemNotice error={revoke.error} />}
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
    </div>
  );
}
