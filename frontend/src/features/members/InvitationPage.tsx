// Accepting an invitation: with a new account, or with the account that is signed in.
import { Link, useRouter, useSearch } from "@tanstack/react-router";
import { type SubmitEvent, useEffect, useState } from "react";
import { placed } from "@/api/faults";
import { problemOf } from "@/api/problem";
import { SHORTEST_PASSWORD } from "@/features/account/PasswordSection";
import { useAcceptInvitation } from "@/features/members/queries";
import { PublicPage } from "@/features/session/PublicPage";
import { tokenFromHash } from "@/features/session/token";
import { Button } from "@/ui/Button";
import { Field, TextInput } from "@/ui/Field";
import { Notice, ProblemNotice } from "@/ui/Notice";

const FIELDS = { paths: { name: "name", password: "password" } } as const;
const KEY = "exhume.invitation"; // survives the way over the sign-in page, in this tab only

export function InvitationPage() {
  const { account = false } = useSearch({ from: "/invitation" });
  const { history } = useRouter();
  const [token] = useState(() => tokenFromHash(window.location.hash) ?? sessionStorage.getItem(KEY));
  const accept = useAcceptInvitation();
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const [tried, setTried] = useState(false);
  useEffect(() => {
    if (token === null) return;
    sessionStorage.setItem(KEY, token);
    window.history.replaceState(window.history.state, "", window.location.pathname + window.location.search);
  }, [token]);
  if (token === null) {
    return (
      <PublicPage title="Invitation">
        <div className="mt-4">
          <Notice title="This address has no invitation">Open the link that you were sent, with everything after the “#”.</Notice>
        </div>
      </PublicPage>
    );
  }
  const server = placed(accept.error, FIELDS);
  const short = password.length < SHORTEST_PASSWORD;
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    setTried(true);
    if (!account && (name.trim() === "" || short)) return;
    const accepted = () => {
      sessionStorage.removeItem(KEY);
      history.replace("/");
    };
    accept.mutate(account ? { token } : { token, name: name.trim(), password }, { onSuccess: accepted });
  };
  const known = accept.isError && problemOf(accept.error).code === "sign_in_to_accept";
  return (
    <PublicPage title="Accept the invitation">
      <p className="text-ink-2 mt-1">
        {account ? "Your account becomes a member of the organisation that invited you." : "Choose a name and a password for your account."}
      </p>
      <form onSubmit={submit} noValidate className="mt-6 space-y-4">
        {server.rest !== null && <ProblemNotice error={server.rest} />}
        {!account && (
          <>
            <Field label="Name" error={tried && name.trim() === "" ? "Enter your name." : server.at.name}>
              {(field) => <TextInput {...field} autoComplete="name" maxLength={100} value={name} onChange={(event) => setName(event.target.value)} />}
            </Field>
            <Field label="Password" help={`At least ${SHORTEST_PASSWORD} characters.`} error={tried && short ? `Use at least ${SHORTEST_PASSWORD} characters.` : server.at.password}>
              {(field) => <TextInput {...field} type="password" autoComplete="new-password" value={password} onChange={(event) => setPassword(event.target.value)} />}
            </Field>
          </>
        )}
        <Button type="submit" look="primary" className="w-full" disabled={accept.isPending}>
          {accept.isPending ? "Accepting …" : "Accept"}
        </Button>
      </form>
      {(!account || known) && (
        <Link to="/sign-in" search={{ return: "/invitation?account=true" }} className="text-accent mt-6 text-sm hover:underline">
          I have an account: sign in first
        </Link>
      )}
    </PublicPage>
  );
}
