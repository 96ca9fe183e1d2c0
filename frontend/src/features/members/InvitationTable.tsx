// The table of invitations. One that was not accepted can be withdrawn.
import type { Invitation } from "@/api/model";
import { Who } from "@/features/log/Who";
import { useRevokeInvitation } from "@/features/members/queries";
import { ROLE_WORDS } from "@/features/members/roles";
import { Button } from "@/ui/Button";
import type { Column } from "@/ui/column";
import { DataTable } from "@/ui/DataTable";
import { ProblemNotice } from "@/ui/Notice";
import { When } from "@/ui/When";

function stateOf({ accepted_at, revoked_at, expires_at }: Invitation): "accepted" | "withdrawn" | "expired" | "open" {
  if (accepted_at !== null) return "accepted";
  if (revoked_at !== null) return "withdrawn";
  return new Date(expires_at) < new Date() ? "expired" : "open";
}

/** Whether the link was sent by e-mail, why not, and when it is sent again. */
function Mail({ of: { mailed_at, mail_problem, mail_next_at } }: { of: Invitation }) {
  if (mailed_at !== null) return <span className="text-ink-3">, sent by e-mail</span>;
  if (mail_problem === null) return mail_next_at !== null && <span className="text-ink-3">, waits to be sent by e-mail</span>;
  return (
    <p className="text-ink-2 max-w-64 text-xs">
      Not sent by e-mail: {mail_problem}
      {mail_next_at !== null && (
        <>
          {" "}
          Next attempt <When at={mail_next_at} />.
        </>
      )}
    </p>
  );
}

export function InvitationTable({ organisation, rows }: { organisation: string; rows: readonly Invitation[] }) {
  const revoke = useRevokeInvitation(organisation);
  const columns: Column<Invitation>[] = [
    { id: "email", header: "E-mail", rowHeader: true, className: "font-medium", cell: ({ email }) => email },
    { id: "role", header: "Role", cell: ({ role }) => ROLE_WORDS[role].name },
    { id: "by", header: "Invited by", className: "text-ink-2", cell: ({ invited_by }) => <Who actor={invited_by} /> },
    {
      id: "state",
      header: "State",
      cell: (invitation) => (
        <>
          {stateOf(invitation)}
          <Mail of={invitation} />
        </>
      ),
    },
    { id: "ends", header: "Expires", align: "end", className: "text-ink-2", cell: (invitation) => (stateOf(invitation) === "open" ? <When at={invitation.expires_at} /> : "–") },
    {
      id: "actions",
      header: <span className="sr-only">Actions</span>,
      align: "end",
      cell: (invitation) =>
        stateOf(invitation) === "open" && (
          <Button look="quiet" disabled={revoke.isPending} onClick={() => revoke.mutate(invitation.id)} aria-label={`Withdraw the invitation of ${invitation.email}`}>
            Withdraw
          </Button>
        ),
    },
  ];
  return (
    <>
      {revoke.isError && <ProblemNotice error={revoke.error} />}
      <DataTable caption="Invitations" columns={columns} rows={rows} rowKey={({ id }) => id} width="min-w-[42rem]" />
    </>
  );
}
