// The table of members. Administrators change roles and remove members in it.
import { useState } from "react";
import type { Member, Role } from "@/api/model";
import { useChangeRole, useRemoveMember } from "@/features/members/queries";
import { ROLE_WORDS, ROLES } from "@/features/members/roles";
import { Button } from "@/ui/Button";
import type { Column } from "@/ui/column";
import { DataTable } from "@/ui/DataTable";
import { Dialog } from "@/ui/Dialog";
import { Select } from "@/ui/Field";
import { ProblemNotice } from "@/ui/Notice";
import { When } from "@/ui/When";

interface Props {
  organisation: string;
  rows: readonly Member[];
  /** Names of projects by id. */
  projects: ReadonlyMap<string, string>;
  mayChange: boolean;
}

export function MemberTable({ organisation, rows, projects, mayChange }: Props) {
  const [removing, setRemoving] = useState<Member | null>(null);
  const change = useChangeRole(organisation);
  const remove = useRemoveMember(organisation);
  const ask = (member: Member) => {
    remove.reset(); // a problem with another member
    setRemoving(member);
  };
  const columns: Column<Member>[] = [
    {
      id: "name",
      header: "Name",
      rowHeader: true,
      cell: ({ name, disabled }) => (
        <>
          <span className="font-medium">{name}</span>
          {disabled && <span className="text-ink-3"> (account disabled)</span>}
        </>
      ),
    },
    { id: "email", header: "E-mail", className: "text-ink-2", cell: ({ email }) => email },
    {
      id: "role",
      header: "Role",
      cell: ({ id, email, role }) =>
        mayChange ? (
          <Select
            aria-label={`Role of ${email}`}
            className="w-40"
            value={role}
            disabled={change.isPending}
            onChange={(event) => change.mutate({ id, role: event.target.value as Role })}
          >
            {ROLES.map((one) => (
              <option key={one} value={one}>
                {ROLE_WORDS[one].name}
              </option>
            ))}
          </Select>
        ) : (
          ROLE_WORDS[role].name
        ),
    },
    { id: "project", header: "Project", cell: ({ project_id }) => (project_id === null ? "all" : (projects.get(project_id) ?? "one")) },
    { id: "factor", header: "Second factor", cell: ({ second_factor }) => (second_factor ? "on" : <span className="text-ink-3">off</span>) },
    { id: "since", header: "Member since", align: "end", className: "text-ink-2", cell: ({ created_at }) => <When at={created_at} /> },
    {
      id: "actions",
      header: <span className="sr-only">Actions</span>,
      align: "end",
      cell: (member) =>
        mayChange && (
          <Button look="quiet" onClick={() => ask(member)} aria-label={`Remove ${member.email}`}>
            Remove
          </Button>
        ),
    },
  ];
  return (
    <>
      {change.isError && <ProblemNotice error={change.error} />}
      <DataTable caption="Members" columns={columns} rows={rows} rowKey={({ id }) => id} width="min-w-[54rem]" />
      <Dialog
        open={removing !== null}
        onOpenChange={() => setRemoving(null)}
        title={`Remove ${removing?.email ?? ""}?`}
        description="The membership ends. Sessions and personal keys of this membership end with it. The account and the entries in the audit log stay."
      >
        {remove.isError && (
          <div className="mt-4">
            <ProblemNotice error={remove.error} />
          </div>
        )}
        <div className="mt-5 flex gap-2">
          <Button look="primary" disabled={remove.isPending} onClick={() => removing && remove.mutate(removing.id, { onSuccess: () => setRemoving(null) })}>
            Remove the member
          </Button>
          <Button onClick={() => setRemoving(null)}>Keep them</Button>
        </div>
      </Dialog>
    </>
  );
}
