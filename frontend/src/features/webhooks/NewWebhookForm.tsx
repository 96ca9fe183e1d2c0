// The form of a new webhook: a format, an address, and the events it receives.
import { type SubmitEvent, useState } from "react";
import { placed } from "@/api/faults";
import type { NewWebhook, WebhookCreate } from "@/api/model";
import { type Event, EVENTS, FORMATS } from "@/features/webhooks/events";
import { useCreateWebhook } from "@/features/webhooks/queries";
import { Button } from "@/ui/Button";
import { Field, Select, TextInput } from "@/ui/Field";
import { ProblemNotice } from "@/ui/Notice";

interface Props {
  projectId: string;
  onClose: () => void;
  onMade: (webhook: NewWebhook) => void;
}

const FIELDS = { paths: { name: "name", format: "format", address: "address", events: "events" }, codes: { name_taken: "name" } } as const;

export function NewWebhookForm({ projectId, onClose, onMade }: Props) {
  const create = useCreateWebhook(projectId);
  const [name, setName] = useState("");
  const [format, setFormat] = useState<WebhookCreate["format"]>("standard");
  const [address, setAddress] = useState("");
  const [events, setEvents] = useState<readonly Event[]>(["decision.failed", "decision.regressed"]);
  const [tried, setTried] = useState(false);
  const server = placed(create.error, FIELDS);
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    setTried(true);
    if (name.trim() === "" || address.trim() === "" || events.length === 0) return;
    create.mutate({ name: name.trim(), format, address: address.trim(), events: [...events] }, { onSuccess: onMade });
  };
  const toggle = (event: Event) => setEvents((old) => (old.includes(event) ? old.filter((one) => one !== event) : [...old, event]));
  return (
    <form onSubmit={submit} noValidate className="border-line mb-8 max-w-2xl rounded-xl border p-6">
      <h2 className="text-lg font-semibold">New webhook</h2>
      <div className="mt-4 space-y-5">
        {server.rest !== null && <ProblemNotice error={server.rest} />}
        <div className="grid gap-5 sm:grid-cols-2">
          <Field label="Name" error={tried && name.trim() === "" ? "Enter a name." : server.at.name}>
            {(field) => <TextInput {...field} value={name} maxLength={100} onChange={(event) => setName(event.target.value)} />}
          </Field>
          <Field label="Format" error={server.at.format}>
            {(field) => (
              <Select {...field} value={format} onChange={(event) => setFormat(event.target.value as WebhookCreate["format"])}>
                {Object.entries(FORMATS).map(([value, words]) => (
                  <option key={value} value={value}>
                    {words.name}
                  </option>
                ))}
              </Select>
            )}
          </Field>
        </div>
        <Field label={format === "email" ? "E-mail addresses" : "Address"} help={FORMATS[format].address} error={tried && address.trim() === "" ? "Enter an address." : server.at.address}>
          {(field) => <TextInput {...field} value={address} maxLength={1000} autoComplete="off" onChange={(event) => setAddress(event.target.value)} />}
        </Field>
        <fieldset>
          <legend className="mb-1.5 text-sm font-medium">Events</legend>
          <div className="space-y-1.5">
            {(Object.keys(EVENTS) as Event[]).map((event) => (
              <label key={event} className="flex cursor-pointer items-baseline gap-2">
                <input type="checkbox" checked={events.includes(event)} onChange={() => toggle(event)} className="accent-accent translate-y-0.5" />
                <span>{EVENTS[event]}</span>
                <code className="text-ink-3 font-mono text-xs">{event}</code>
              </label>
            ))}
          </div>
          {((tried && events.length === 0) || server.at.events) && (
            <p className="mt-1 text-xs font-medium">{server.at.events ?? "Choose at least one event."}</p>
          )}
        </fieldset>
        <div className="flex gap-2">
          <Button type="submit" look="primary" disabled={create.isPending}>
            Create the webhook
          </Button>
          <Button onClick={onClose}>Close</Button>
        </div>
      </div>
    </form>
  );
}
