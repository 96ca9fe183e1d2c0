// The members of an organisation, invitations, and signed-in browsers.
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import type { NewInvitation, Organisation } from "@/api/model";
import { PageProblem } from "@/app/PageError";
import { sessionsQuery } from "@/features/account/queries";
import { SessionTable } from "@/features/account/SessionTable";
import { InvitationTable } from "@/features/members/InvitationTable";
import { InviteForm } from "@/features/members/InviteForm";
import { MemberTable } from "@/features/members/MemberTable";
import { invitationsQuery, membersQuery, organisationsQuery } from "@/features/members/queries";
import { useCurrentProject } from "@/features/projects/current";
import { projectsQuery } from "@/features/projects/queries";
import { sessionQuery } from "@/features/session/queries";
import { Button } from "@/ui/Button";
import { CommandLine } from "@/ui/Copy";
import { Select } from "@/ui/Field";
import { Icon } from "@/ui/Icon";
import { ProblemNotice } from "@/ui/Notice";
import { Empty, Loading, Page, Section } from "@/ui/Page";
import { Secret } from "@/ui/Secret";

export function MembersPage() {
  const search = useSearch({ from: "/signed-in/members" });
  const navigate = useNavigate({ from: "/members" });
  const project = useCurrentProject();
  const organisations = useQuery(organisationsQuery);
  if (organisations.isError && !organisations.data) return <PageProblem error={organisations.error} what="organisation" />;
  if (!organisations.data) return <Loading what="organisations" />;
  const byId = (wanted: string | undefined) => organisations.data.find(({ id }) => id === wanted);
  const shown = byId(search.organisation) ?? byId(project?.organisation_id) ?? organisations.data.at(-1); // the oldest
  if (!shown) {
    return (
      <Page title="Members">
        <Empty title="No organisation yet">
          <p>An organisation owns projects and has members. The operator creates it on the machine of the service.</p>
          <CommandLine command="exhume org create NAME" />
        </Empty>
      </Page>
    );
  }
  const choice = organisations.data.length > 1 && (
    <Select aria-label="Organisation" className="max-w-56" value={shown.id} onChange={(event) => void navigate({ search: { organisation: event.target.value } })}>
      {organisations.data.map(({ id, name }) => (
        <option key={id} value={id}>
          {name}
        </option>
      ))}
    </Select>
  );
  return <MembersOf key={shown.id} organisation={shown} choice={choice} />;
}

function MembersOf({ organisation: { id, name }, choice }: { organisation: Organisation; choice: React.ReactNode }) {
  const { data: session } = useQuery(sessionQuery);
  const manages = session?.scopes.includes("members:write") ?? false;
  const members = useQuery(membersQuery(id));
  const { data: all = [] } = useQuery(projectsQuery);
  const [inviting, setInviting] = useState(false);
  const [made, setMade] = useState<NewInvitation | null>(null);
  const projects = new Map(all.filter(({ organisation_id }) => organisation_id === id).map((project) => [project.id, project.name]));
  return (
    <Page
      title="Members"
      lead={`People who belong to the organisation “${name}”. A role says what they may do in its projects.`}
      actions={
        <>
          {choice}
          {manages && !inviting && (
            <Button look="primary" onClick={() => setInviting(true)}>
              <Icon name="plus" /> Invite somebody
            </Button>
          )}
        </>
      }
    >
      {made && <Secret title={made.mailed ? `This link was also sent to ${made.email}, unless its row says otherwise. It is not shown again` : `Send this link to ${made.email}. It is not shown again`} text={made.link} what="link" />}
      {inviting && (
        <InviteForm
          organisation={id}
          projects={projects}
          onClose={() => setInviting(false)}
          onMade={(invitation) => {
            setMade(invitation);
            setInviting(false);
          }}
        />
      )}
      {members.isPending && <Loading what="members" />}
      {members.isError && <ProblemNotice error={members.error} />}
      {members.data && <MemberTable organisation={id} rows={members.data} projects={projects} mayChange={manages} />}
      {manages && <Invitations organisation={id} />}
      {manages && session?.kind === "person" && <Sessions />}
      {session?.kind === "operator" && (
        <div className="mt-10 max-w-xl space-y-4">
          <CommandLine label="Another organisation" command="exhume org create NAME" />
          <CommandLine label="A link for a member who lost the password or the second factor" command="exhume person recover E-MAIL" />
        </div>
      )}
    </Page>
  );
}

function Invitations({ organisation }: { organisation: string }) {
  const invitations = useQuery(invitationsQuery(organisation));
  return (
    <Section title="Invitations">
      {invitations.isPending && <Loading what="invitations" />}
      {invitations.isError && <ProblemNotice error={invitations.error} />}
      {invitations.data && <InvitationTable organisation={organisation} rows={invitations.data} />}
    </Section>
  );
}

function Sessions() {
  const sessions = useQuery(sessionsQuery(true));
  return (
    <Section title="Signed-in browsers">
      {sessions.isPending && <Loading what="sessions" />}
      {sessions.isError && <ProblemNotice error={sessions.error} />}
      {sessions.data && <SessionTable caption="Sessions of the organisation" rows={sessions.data} />}
    </Section>
  );
}
