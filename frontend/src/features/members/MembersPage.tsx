// The members of an organisation, invitations, and signed-in browsers.
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import type { NewInvitation, Organisation } from "@/api/model";
import { PageProblem } from "@/app/PageError";
import { Sessions } from "@/features/account/Sessions";
import { InvitationTable } from "@/features/members/InvitationTable";
import { InviteForm } from "@/features/members/InviteForm";
import { INVITATION_CHOICES, MEMBER_CHOICES, type MemberSearch, validateMembers } from "@/features/members/list";
import { MemberTable } from "@/features/members/MemberTable";
import { organisationsQuery, searchedInvitationsQuery, searchedMembersQuery } from "@/features/members/queries";
import { useCurrentProject } from "@/features/projects/current";
import { projectsQuery } from "@/features/projects/queries";
import { sessionQuery } from "@/features/session/queries";
import { Button } from "@/ui/Button";
import { CommandLine } from "@/ui/Copy";
import { Select } from "@/ui/Field";
import { Icon } from "@/ui/Icon";
import { Empty, Loading, Page, Section } from "@/ui/Page";
import { SearchedList } from "@/ui/SearchedList";
import { Secret } from "@/ui/Secret";

export function MembersPage() {
  const { organisation: wanted } = validateMembers(useSearch({ from: "/signed-in/members" })); // the router keeps unknown ones
  const navigate = useNavigate({ from: "/members" });
  const project = useCurrentProject();
  const organisations = useQuery(organisationsQuery);
  if (organisations.isError && !organisations.data) return <PageProblem error={organisations.error} what="organisation" />;
  if (!organisations.data) return <Loading what="organisations" />;
  const byId = (id: string | undefined) => organisations.data.find((one) => one.id === id);
  const shown = byId(wanted) ?? byId(project?.organisation_id) ?? organisations.data.at(-1); // the oldest
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
  const search = validateMembers(useSearch({ from: "/signed-in/members" }));
  const { q, role, sort, invitations, invitationRole, invitationSort, sessions, sessionMethod, sessionSort } = search;
  const values = { q, role, sort };
  const navigate = useNavigate({ from: "/members" });
  const change = (next: typeof search) => void navigate({ search: { ...search, ...next }, replace: true, resetScroll: false });
  const { data: session } = useQuery(sessionQuery);
  const manages = session?.scopes.includes("members:write") ?? false;
  const members = useInfiniteQuery(searchedMembersQuery(id, values));
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
      <SearchedList
        what="members"
        list={members}
        values={values}
        choices={MEMBER_CHOICES}
        onChange={(next) => change({ q: next.q, role: next.role, sort: next.sort })}
        empty={<p className="text-ink-3 text-sm">No members yet. Invite the first one.</p>}
      >
        {(rows) => <MemberTable organisation={id} rows={rows} projects={projects} mayChange={manages} />}
      </SearchedList>
      {manages && (
        <Invitations
          organisation={id}
          values={{ q: invitations, role: invitationRole, sort: invitationSort }}
          onChange={(next) => change({ invitations: next.q, invitationRole: next.role, invitationSort: next.sort })}
        />
      )}
      {manages && session?.kind === "person" && (
        <Section title="Signed-in browsers">
          <Sessions
            everybody
            caption="Sessions of the organisation"
            values={{ q: sessions, method: sessionMethod, sort: sessionSort }}
            onChange={(next) => change({ sessions: next.q, sessionMethod: next.method, sessionSort: next.sort })}
          />
        </Section>
      )}
      {session?.kind === "operator" && (
        <div className="mt-10 max-w-xl space-y-4">
          <CommandLine label="Another organisation" command="exhume org create NAME" />
          <CommandLine label="A link for a member who lost the password or the second factor" command="exhume person recover E-MAIL" />
        </div>
      )}
    </Page>
  );
}

interface InvitationProps {
  organisation: string;
  values: MemberSearch;
  onChange: (values: MemberSearch) => void;
}

function Invitations({ organisation, values, onChange }: InvitationProps) {
  const invitations = useInfiniteQuery(searchedInvitationsQuery(organisation, values));
  return (
    <Section title="Invitations">
      <SearchedList what="invitations" list={invitations} values={values} choices={INVITATION_CHOICES} onChange={onChange} barFrom={6} empty={<p className="text-ink-3 text-sm">None.</p>}>
        {(rows) => <InvitationTable organisation={organisation} rows={rows} />}
      </SearchedList>
    </Section>
  );
}
