// The form that signs in with an API key.
import { type ReactNode, type SubmitEvent, useState } from "react";
import type { Credentials } from "@/features/session/queries";
import { Button } from "@/ui/Button";
import { Field, TextInput } from "@/ui/Field";

interface Props {
  onSend: (credentials: Credentials) => void;
  pending: boolean;
  /** A problem with the last key. */
  children: ReactNode;
}

export function KeyForm({ onSend, pending, children }: Props) {
  const [key, setKey] = useState("");
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    if (key.trim()) onSend({ api_key: key.trim() });
  };
  return (
    <form onSubmit={submit} className="mt-4 space-y-4">
      {children}
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
      <Button type="submit" className="w-full" disabled={pending || key.trim() === ""}>
        Sign in with the key
      </Button>
    </form>
  );
}
