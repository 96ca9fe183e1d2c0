// Changing the password. A session that was opened with a link needs no current one.
import { type SubmitEvent, useState } from "react";
import { placed } from "@/api/faults";
import type { Me } from "@/api/model";
import { useChangePassword } from "@/features/account/queries";
import { Button } from "@/ui/Button";
import { Field, TextInput } from "@/ui/Field";
import { ProblemNotice } from "@/ui/Notice";
import { Section } from "@/ui/Page";

export const SHORTEST_PASSWORD = 12;
const FIELDS = { paths: { current: "current", new: "next" }, codes: { wrong_password: "current" } } as const;

export function PasswordSection({ me }: { me: Me }) {
  const change = useChangePassword();
  const [current, setCurrent] = useState("");
  const [next, setNext] = useState("");
  const [tried, setTried] = useState(false);
  const server = placed(change.error, FIELDS);
  const short = next.length < SHORTEST_PASSWORD;
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    setTried(true);
    if (short) return;
    const done = () => {
      setCurrent("");
      setNext("");
      setTried(false);
    };
    change.mutate({ current: me.has_password ? current : null, new: next }, { onSuccess: done });
  };
  return (
    <Section title="Password" aside="All other sessions end when it changes.">
      <form onSubmit={submit} noValidate className="max-w-sm space-y-4">
        {!me.has_password && <p className="text-sm font-medium">This account has no password yet. Set one to sign in with it.</p>}
        {server.rest !== null && <ProblemNotice error={server.rest} />}
        {change.isSuccess && <p role="status">The password was changed.</p>}
        {/* The name, for password managers. */}
        <input type="hidden" autoComplete="username" name="username" value={me.email} readOnly />
        {me.has_password && (
          <Field label="Current password" error={server.at.current}>
            {(field) => (
              <TextInput {...field} type="password" autoComplete="current-password" value={current} onChange={(event) => setCurrent(event.target.value)} />
            )}
          </Field>
        )}
        <Field label="New password" help={`At least ${SHORTEST_PASSWORD} characters.`} error={tried && short ? `Use at least ${SHORTEST_PASSWORD} characters.` : server.at.next}>
          {(field) => <TextInput {...field} type="password" autoComplete="new-password" value={next} onChange={(event) => setNext(event.target.value)} />}
        </Field>
        <Button type="submit" disabled={change.isPending || next === ""}>
          {me.has_password ? "Change the password" : "Set the password"}
        </Button>
      </form>
    </Section>
  );
}
