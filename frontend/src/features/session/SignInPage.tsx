// Sign-in with the one-time link that `exhume up` prints, or with an API key.
import { useRouter, useSearch } from "@tanstack/react-router";
import { type SubmitEvent, useEffect, useRef, useState } from "react";
import { problemOf } from "@/api/problem";
import { Brand } from "@/app/Brand";
import { useSignIn } from "@/features/session/queries";
import { safeReturn, tokenFromHash } from "@/features/session/token";
import { Button } from "@/ui/Button";
import { CommandLine } from "@/ui/Copy";
import { Field, TextInput } from "@/ui/Field";
import { ProblemNotice } from "@/ui/Notice";

export function SignInPage() {
  const search = useSearch({ from: "/sign-in" });
  const { history } = useRouter();
  const signIn = useSignIn();
  const [key, setKey] = useState("");
  const [byLink, setByLink] = useState(() => tokenFromHash(window.location.hash));
  const sent = useRef(false);
  const go = () => history.replace(safeReturn(search.return)); // the whole address, with its search

  useEffect(() => {
    if (!byLink || sent.current) return;
    sent.current = true; // the token works once, but effects may run twice
    window.history.replaceState(window.history.state, "", window.location.pathname + window.location.search);
    signIn.mutate({ token: byLink }, { onSuccess: go, onError: () => setByLink(null) });
  });

  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    if (key.trim()) signIn.mutate({ api_key: key.trim() }, { onSuccess: go });
  };

  return (
    <main className="mx-auto flex min-h-dvh max-w-sm flex-col justify-center px-6 py-16">
      <title>Sign in · Exhume</title>
      <Brand />
      <h1 className="mt-6 text-xl font-semibold">Sign in</h1>
      {byLink ? (
        <p role="status" className="text-ink-2 mt-2">
          Signing in with your link …
        </p>
      ) : (
        <>
          <p className="text-ink-2 mt-1">
            Open the one-time link that <code className="font-mono text-xs">exhume up</code> or{" "}
            <code className="font-mono text-xs">exhume sign-in</code> printed, or paste an API key.
          </p>
          <form onSubmit={submit} className="mt-6 space-y-4">
            {signIn.isError && <Rejected error={signIn.error} />}
            <Field label="API key" help="This browser stores only a session cookie.">
              {(field) => (
                <TextInput
                  {...field}
                  type="password"
                  autoComplete="off"
                  spellCheck={false}
                  placeholder="exh_…"
                  value={key}
                  onChange={(event) => setKey(event.target.value)}
                  className="font-mono"
                />
              )}
            </Field>
            <Button type="submit" look="primary" className="w-full" disabled={signIn.isPending || key.trim() === ""}>
              {signIn.isPending ? "Signing in …" : "Sign in"}
            </Button>
          </form>
          <div className="mt-8">
            <CommandLine label="A new one-time link" command="exhume sign-in" />
          </div>
        </>
      )}
    </main>
  );
}

/** Names the problem. The service says what to do, for example about an expired link. */
function Rejected({ error }: { error: unknown }) {
  const { code, status } = problemOf(error);
  const title = code === "bad_link" ? "This link no longer works" : status === 401 || status === 403 ? "This key was not accepted" : undefined;
  return <ProblemNotice error={error} title={title} />;
}
