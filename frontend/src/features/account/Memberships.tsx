// The organisations and projects that a person belongs to, and the one that the session acts with.
import { useQuery } from "@tanstack/react-query";
import type { Me } from "@/api/model";
import { useChooseMembership } from "@/features/account/queries";
import { organisationsQuery } from "@/features/members/queries";
import { ROLE_WORDS } from "@/features/members/roles";
import { projectsQuery } from "@/features/projects/queries";
import { sessionQuery } from "@/features/session/queries";
import { Button } from "@/ui/Button";
import type { Column } from "@/ui/column";
import { DataTable } from "@/ui/DataTable";
import { ProblemNotice } from "@/ui/Notice";
import { Section } from "@/ui/Page";

type Membership = Me["memberships"][number];

export function Memberships({ me }: { me: Me }) {
  const { data: session } = useQuery(sessionQuery);
  const { data: organisations = [] } = useQuery(organisationsQuery);
  const { data: projects = [] } = useQuery(projectsQuery);
  const choose = useChooseMembership();
  const present = ({ organisation_id, project_id }: Membership) => organisation_id === session?.organisation_id && project_id === session.project_id;
  const columns: Column<Membership>[] = [
    {
      id: "organisation",
      header: "Organisation",
      rowHeader: true,
      className: "font-medium",
      cell: ({ organisation_id }) => organisations.find(({ id }) => id === organisation_id)?.name ?? <code className="font-mono text-xs">{organisation_id}</code>,
    },
    {
      id: "project",
      header: "Project",
      cell: ({ project_id }) => (project_id === null ? "all" : (projects.find(({ id }) => id === project_id)?.name ?? <code className="font-mono text-xs">{project_id}</code>)),
    },
    { id: "role", header: "Role", cell: ({ role }) => `${ROLE_WORDS[role].name}: ${ROLE_WORDS[role].may}` },
    {
      id: "actions",
      header: <span className="sr-only">Actions</span>,
      align: "end",
      cell: (membership) =>
        present(membership) ? (
          <span className="text-ink-3">in use</span>
        ) : (
          <Button look="quiet" disabled={choose.isPending} onClick={() => choose.mutate(membership.id)} aria-label={`Use the membership ${membership.role} of ${membership.organisation_id}`}>
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
