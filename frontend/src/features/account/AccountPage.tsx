// The account of the signed-in person: memberships, password, second factor, sessions, keys.
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { PageProblem } from "@/app/PageError";
import { Memberships } from "@/features/account/Memberships";
import { PasswordSection } from "@/features/account/PasswordSection";
import { meQuery, sessionsQuery } from "@/features/account/queries";
import { SecondFactorSection } from "@/features/account/SecondFactorSection";
import { SessionTable } from "@/features/account/SessionTable";
import { KeyTable } from "@/features/keys/KeyTable";
import { NewKey } from "@/features/keys/NewKey";
import { keysQuery } from "@/features/keys/queries";
import { sessionQuery } from "@/features/session/queries";
import { Button } from "@/ui/Button";
import { ProblemNotice } from "@/ui/Notice";
import { Empty, Loading, Page, Section } from "@/ui/Page";

export function AccountPage() {
  const { data: session } = useQuery(sessionQuery);
  const person = session?.kind === "person";
  const me = useQuery({ ...meQuery, enabled: person });
  if (session && !person) return <WithoutAccount operator={session.kind === "operator"} />;
  if (me.isError && !me.data) return <PageProblem error={me.error} what="account" />;
  if (!me.data) return <Loading what="your account" />;
  return (
    <Page title={me.data.name} lead={me.data.email}>
      <Memberships me={me.data} />
      <PasswordSection key={String(me.data.has_password)} me={me.data} />
      <SecondFactorSection me={me.data} />
      <OwnSessions />
      <OwnKeys />
    </Page>
  );
}

function OwnSessions() {
  const sessions = useQuery(sessionsQuery(false));
  return (
    <Section title="Signed-in browsers" aside="End those that you do not know, and change the password.">
      {sessions.isPending && <Loading what="sessions" />}
      {sessions.isError && <ProblemNotice error={sessions.error} />}
      {sessions.data && <SessionTable caption="Your sessions" rows={sessions.data} />}
    </Section>
  );
}

function OwnKeys() {
  const keys = useQuery(keysQuery("me"));
  const [adding, setAdding] = useState(false);
  return (
    <Section title="Personal API keys" aside={adding ? null : <Button onClick={() => setAdding(true)}>New key</Button>}>
      <NewKey owner="me" adding={adding} onClose={() => setAdding(false)} />
      {keys.isPending && <Loading what="keys" />}
      {keys.isError && <ProblemNotice error={keys.error} />}
      {keys.data && keys.data.length > 0 && <KeyTable caption="Your API keys" rows={keys.data} mayRevoke />}
      {keys.data?.length === 0 && !adding && (
        <p className="text-ink-3 text-sm">None. A personal key acts as you, within its scopes. Pipelines need keys of their own: see “API keys” of a project.</p>
      )}
    </Section>
  );
}

function WithoutAccount({ operator }: { operator: boolean }) {
  return (
    <Page title="Account">
      <Empty title={operator ? "You are the operator" : "You signed in with an API key"}>
        <p>
          {operator
            ? "You signed in with a one-time link of this installation. The operator has no account and may do everything. Invite yourself to an organisation to have one, so that the audit log names you."
            : "A key has no account. Sign in with an e-mail address and a password to see yours."}
        </p>
      </Empty>
    </Page>
  );
}
