// The account of the signed-in person: memberships, password, second factor, sessions, keys.
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { PageProblem } from "@/app/PageError";
import { type SessionSearch, validateAccount } from "@/features/account/list";
import { Memberships } from "@/features/account/Memberships";
import { PasswordSection } from "@/features/account/PasswordSection";
import { meQuery } from "@/features/account/queries";
import { SecondFactorSection } from "@/features/account/SecondFactorSection";
import { Sessions } from "@/features/account/Sessions";
import { KEY_CHOICES, type KeySearch } from "@/features/keys/list";
import { KeyTable } from "@/features/keys/KeyTable";
import { NewKey } from "@/features/keys/NewKey";
import { searchedKeysQuery } from "@/features/keys/queries";
import { sessionQuery } from "@/features/session/queries";
import { Button } from "@/ui/Button";
import { Empty, Loading, Page, Section } from "@/ui/Page";
import { SearchedList } from "@/ui/SearchedList";

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
      <Lists />
    </Page>
  );
}

/** Sessions and keys. Their searches share the address. */
function Lists() {
  const search = validateAccount(useSearch({ from: "/signed-in/account" })); // the router keeps unknown ones
  const navigate = useNavigate({ from: "/account" });
  const change = (next: typeof search) => void navigate({ search: { ...search, ...next }, replace: true, resetScroll: false });
  return (
    <>
      <OwnSessions
        values={{ q: search.sessions, method: search.sessionMethod, sort: search.sessionSort }}
        onChange={({ q, method, sort }) => change({ sessions: q, sessionMethod: method, sessionSort: sort })}
      />
      <OwnKeys
        values={{ q: search.keys, revoked: search.keyRevoked, sort: search.keySort }}
        onChange={({ q, revoked, sort }) => change({ keys: q, keyRevoked: revoked, keySort: sort })}
      />
    </>
  );
}

interface ListProps<Search> {
  values: Search;
  onChange: (values: Search) => void;
}

function OwnSessions({ values, onChange }: ListProps<SessionSearch>) {
  return (
    <Section title="Signed-in browsers" aside="End those that you do not know, and change the password.">
      <Sessions everybody={false} caption="Your sessions" values={values} onChange={onChange} />
    </Section>
  );
}

function OwnKeys({ values, onChange }: ListProps<KeySearch>) {
  const keys = useInfiniteQuery(searchedKeysQuery("me", values));
  const [adding, setAdding] = useState(false);
  return (
    <Section title="Personal API keys" aside={adding ? null : <Button onClick={() => setAdding(true)}>New key</Button>}>
      <NewKey owner="me" adding={adding} onClose={() => setAdding(false)} />
      <SearchedList
        what="keys"
        list={keys}
        values={values}
        choices={KEY_CHOICES}
        onChange={onChange}
        barFrom={6}
        empty={
          !adding && (
            <p className="text-ink-3 text-sm">None. A personal key acts as you, within its scopes. Pipelines need keys of their own: see “API keys” of a project.</p>
          )
        }
      >
        {(rows) => <KeyTable caption="Your API keys" rows={rows} mayRevoke />}
      </SearchedList>
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
