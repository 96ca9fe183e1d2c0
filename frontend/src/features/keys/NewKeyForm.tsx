// The form of a new key: name, scopes and expiry.
import { type SubmitEvent, useState } from "react";
import { placed } from "@/api/faults";
import type { NewApiKey, Scope } from "@/api/model";
import { type KeyOwner, useCreateKey } from "@/features/keys/queries";
import { SCOPES } from "@/features/keys/scopes";
import { Button } from "@/ui/Button";
import { Field, Select, TextInput } from "@/ui/Field";
import { ProblemNotice } from "@/ui/Notice";

interface Props {
  owner: KeyOwner;
  /** Scopes that the key may have: no more than those of the person who makes it. */
  allowed: readonly Scope[];
  onClose: () => void;
  onMade: (key: NewApiKey) => void;
}

const FIELDS = { paths: { name: "name", scopes: "scopes", expires_in_days: "days" }, codes: { name_taken: "name" } } as const;

export function NewKeyForm({ owner, allowed, onClose, onMade }: Props) {
  const create = useCreateKey(owner);
  const [name, setName] = useState("");
  const [days, setDays] = useState("90");
  const [scopes, setScopes] = useState<Scope[]>(["audits:read"]);
  const [tried, setTried] = useState(false);
  const server = placed(create.error, FIELDS);
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    setTried(true);
    if (name.trim() === "" || scopes.length === 0) return;
    create.mutate({ name: name.trim(), scopes, expires_in_days: Number(days) }, { onSuccess: onMade });
  };
  const toggle = (scope: Scope) =>
    setScopes((old) => (old.includes(scope) ? old.filter((one) => one !== scope) : [...old, scope]));
  return (
    <form onSubmit={submit} noValidate className="border-line mb-8 max-w-2xl rounded-xl border p-6">
      <h2 className="text-lg font-semibold">New key</h2>
      <div className="mt-4 space-y-5">
        {server.rest !== null && <ProblemNotice error={server.rest} />}
        <div className="grid gap-5 sm:grid-cols-2">
          <Field label="Name" help={owner === "me" ? "For example, the device that uses it." : "For example, the pipeline that uses it."} error={tried && name.trim() === "" ? "Enter a name." : server.at.name}>
            {(field) => <TextInput {...field} value={name} maxLength={100} onChange={(event) => setName(event.target.value)} />}
          </Field>
          <Field label="Expires after" error={server.at.days}>
            {(field) => (
              <Select {...field} value={days} onChange={(event) => setDays(event.target.value)}>
                <option value="30">30 days</option>
                <option value="90">90 days</option>
                <option value="365">1 year</option>
              </Select>
            )}
          </Field>
        </div>
        <fieldset>
          <legend className="mb-1.5 text-sm font-medium">Scopes</legend>
          <div className="space-y-1.5">
            {SCOPES.filter(({ scope }) => allowed.includes(scope)).map(({ scope, words }) => (
              <label key={scope} className="flex cursor-pointer items-baseline gap-2">
                <input type="checkbox" checked={scopes.includes(scope)} onChange={() => toggle(scope)} className="accent-accent translate-y-0.5" />
                <span>{words}</span>
                <code className="text-ink-3 font-mono text-xs">{scope}</code>
              </label>
            ))}
          </div>
          {((tried && scopes.length === 0) || server.at.scopes) && (
            <p className="mt-1 text-xs font-medium">{server.at.scopes ?? "Choose at least one scope."}</p>
          )}
        </fieldset>
        <div className="flex gap-2">
          <Button type="submit" look="primary" disabled={create.isPending}>
            Create the key
          </Button>
          <Button onClick={onClose}>Close</Button>
        </div>
      </div>
    </form>
  );
}
