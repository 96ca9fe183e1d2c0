// Sign-in with an account, with the one-time link that `exhume up` prints, or with an API key.
import { useQuery } from "@tanstack/react-query";
import { useRouter, useSearch } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";
import type { Session } from "@/api/model";
import { problemOf } from "@/api/problem";
import { KeyForm } from "@/features/session/KeyForm";
import { PasswordForm } from "@/features/session/PasswordForm";
import { PublicPage } from "@/features/session/PublicPage";
import { type Credentials, providerQuery, useSignIn } from "@/features/session/queries";
import { safeReturn, tokenFromHash } from "@/features/session/token";
import { buttonClass } from "@/ui/Button";
import { CommandLine } from "@/ui/Copy";
import { Notice, ProblemNotice } from "@/ui/Notice";

export function SignInPage() {
  const search = useSearch({ from: "/sign-in" });
  const { history } = useRouter();
  const signIn = useSignIn();
  const { data: provider } = useQuery(providerQuery);
  const [byLink, setByLink] = useState(() => tokenFromHash(window.location.hash));
  const sent = useRef(false);
  const used = signIn.variables; // shows a problem in the form that caused it
  const go = () => history.replace(safeReturn(search.return)); // the whole address, with its search
  const send = (credentials: Credentials) => signIn.mutate(credentials, { onSuccess: go });
  // A link for a person replaces a lost password, so that the next thing to do is to set a new one.
  const afterLink = ({ kind }: Session) => (kind === "person" ? history.replace("/account") : go());

  useEffect(() => {
    if (!byLink || sent.current) return;
    sent.current = true; // the token works once, but effects may run twice
    window.history.replaceState(window.history.state, "", window.location.pathname + window.location.search);
    signIn.mutate({ token: byLink }, { onSuccess: afterLink, onError: () => setByLink(null) });
  });

  if (byLink) {
    return (
      <PublicPage title="Sign in">
        <p role="status" className="text-ink-2 mt-2">
          Signing in with your link …
        </p>
      </PublicPage>
    );
  }
  return (
    <PublicPage title="Sign in">
      {search.ended && used === undefined && (
        <div role="status" className="mt-4">
          <Notice title="Your session has ended">Sign in to return to the page that you were on. What you had not sent is lost.</Notice>
        </div>
      )}
      {used && "token" in used && signIn.isError && (
        <div className="mt-4">
          <Rejected error={signIn.error} />
        </div>
      )}
      <PasswordForm onSend={send} pending={signIn.isPending} error={used && "email" in used ? signIn.error : null} />
      {provider && (
        <a href="/api/v1/session/oidc" className={buttonClass("secondary", "mt-4 w-full")}>
          Sign in with {provider}
        </a>
      )}
      <h2 className="border-line text-ink-2 mt-8 border-t pt-6 text-sm">
        Or with the one-time link that <code className="font-mono text-xs">exhume up</code> or{" "}
        <code className="font-mono text-xs">exhume sign-in</code> printed, or with an API key.
      </h2>
      <KeyForm onSend={send} pending={signIn.isPending}>
        {used && "api_key" in used && signIn.isError && <Rejected error={signIn.error} />}
      </KeyForm>
      <div className="mt-8">
        <CommandLine label="A new one-time link" command="exhume sign-in" />
      </div>
    </PublicPage>
  );
}

/** Names the problem. The service says what to do, for example about an expired link. */
function Rejected({ error }: { error: unknown }) {
  const { code, status } = problemOf(error);
  const title = code === "bad_link" ? "This link no longer works" : status === 401 || status === 403 ? "This key was not accepted" : undefined;
  return <ProblemNotice error={error} title={title} />;
}
