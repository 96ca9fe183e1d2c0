// The form that signs in to an account. It asks for a code only if the account has a second factor.
import { type SubmitEvent, useState } from "react";
import { problemOf } from "@/api/problem";
import type { Credentials } from "@/features/session/queries";
import { Button } from "@/ui/Button";
import { CodeField } from "@/ui/CodeField";
import { Field, TextInput } from "@/ui/Field";
import { ProblemNotice } from "@/ui/Notice";

interface Props {
  onSend: (credentials: Credentials) => void;
  pending: boolean;
  error: Error | null;
}

export function PasswordForm({ onSend, pending, error }: Props) {
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [code, setCode] = useState("");
  const [asked, setAsked] = useState(false);
  const codeNeeded = error !== null && problemOf(error).code === "second_factor_required";
  if (codeNeeded && !asked) setAsked(true); // the field stays when a code is wrong
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    if (email.trim() && password) onSend({ email: email.trim(), password, ...(asked && code ? { code } : {}) });
  };
  return (
    <form onSubmit={submit} noValidate className="mt-6 space-y-4">
      {error && !codeNeeded && <ProblemNotice error={error} />}
      <Field label="E-mail">
        {(field) => (
          <TextInput {...field} type="email" autoComplete="username" value={email} onChange={(event) => setEmail(event.target.value)} />
        )}
      </Field>
      <Field label="Password">
        {(field) => (
          <TextInput {...field} type="password" autoComplete="current-password" value={password} onChange={(event) => setPassword(event.target.value)} />
        )}
      </Field>
      {asked && <CodeField value={code} onChange={setCode} />}
      <Button
        type="submit"
        look="primary"
        className="w-full"
        disabled={pending || email.trim() === "" || password === "" || (asked && code.length !== 6)}
      >
        {pending ? "Signing in …" : "Sign in"}
      </Button>
    </form>
  );
}
