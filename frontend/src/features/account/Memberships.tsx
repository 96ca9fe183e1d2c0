// The organisations and projects that a person belongs to, and the one that the session acts with.
import { useQuery } from "@tanstack/react-query";
import type { Me } from "@/api/model";
import { useChooseMembership } from "@/features/account/queries";
import { ROLE_WORDS } from "@/features/members/roles";
import { sessionQuery } from "@/features/session/queries";
import { Button } from "@/ui/Button";
import type { Column } from "@/ui/column";
import { DataTable } from "@/ui/DataTable";
import { ProblemNotice } from "@/ui/Notice";
import { Section } from "@/ui/Page";

type Membership = Me["memberships"][number];

export function Memberships({ me }: { me: Me }) {
  const { data: session } = useQuery(sessionQuery);
  const choose = useChooseMembership();
  const present = ({ organisation_id, project_id }: Membership) => organisation_id === session?.organisation_id && project_id === session.project_id;
  const columns: Column<Membership>[] = [
    { id: "organisation", header: "Organisation", rowHeader: true, className: "font-medium", cell: ({ organisation_name }) => organisation_name },
    { id: "project", header: "Project", cell: ({ project_name }) => project_name ?? "all" },
    { id: "role", header: "Role", cell: ({ role }) => `${ROLE_WORDS[role].name}: ${ROLE_WORDS[role].may}` },
    {
      id: "actions",
      header: <span className="sr-only">Actions</span>,
      align: "end",
      cell: (membership) =>
        present(membership) ? (
          <span className="text-ink-3">in use</span>
        ) : (
          <Button look="quiet" disabled={choose.isPending} onClick={() => choose.mutate(membership.id)} aria-label={`Use the membership ${membership.role} of ${membership.organisation_name}`}>
            Use
          </Button>
        ),
    },
  ];
  return (
    <Section title="Memberships">
      {choose.isError && <ProblemNotice error={choose.error} />}
      <DataTable caption="Your memberships" columns={columns} rows={me.memberships} rowKey={({ id }) => id} width="min-w-[36rem]" />
    </Section>
  );
}
