// The dialog that asks for a waiver of a failed rule. Somebody else must approve it.
import { type SubmitEvent, useState } from "react";
import { placed } from "@/api/faults";
import type { RuleReading } from "@/api/model";
import { useAskForWaiver } from "@/features/gate/queries";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { Field, Select, TextArea, TextInput } from "@/ui/Field";
import { ProblemNotice } from "@/ui/Notice";

interface Props {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  target: string;
  release: string;
  rules: readonly RuleReading[];
}

const SHORTEST_REASON = 10;
const FIELDS = { paths: { rule: "rule", reason: "reason", expires_at: "until" }, codes: { bad_expiry: "until" } } as const;
const DAY = 86_400_000;

const dateIn = (days: number): string => new Date(Date.now() + days * DAY).toISOString().slice(0, 10);

export function AskForWaiver({ open, onOpenChange, target, release, rules }: Props) {
  const failed = rules.filter(({ outcome }) => outcome === "fail");
  const ask = useAskForWaiver(target);
  const [rule, setRule] = useState(failed[0]?.id ?? "EXH001");
  const [reason, setReason] = useState("");
  const [until, setUntil] = useState(() => dateIn(14));
  const [next, setNext] = useState(true);
  const [tried, setTried] = useState(false);
  const short = reason.trim().length < SHORTEST_REASON;
  const server = placed(ask.error, FIELDS);
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    setTried(true);
    if (short) return;
    ask.mutate(
      { rule, release_id: release, reason: reason.trim(), expires_at: `${until}T23:59:59Z`, until_next_release: next },
      { onSuccess: () => onOpenChange(false) },
    );
  };
  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      title="Ask for a waiver"
      description="It counts for this release only, and from the time that somebody else approves it. The audit log keeps both names."
    >
      <form onSubmit={submit} noValidate className="mt-4 space-y-4">
        {server.rest !== null && <ProblemNotice error={server.rest} />}
        <Field label="Rule" error={server.at.rule}>
          {(field) => (
            <Select {...field} value={rule} onChange={(event) => setRule(event.target.value as typeof rule)}>
              {failed.map(({ id, title }) => (
                <option key={id} value={id}>
                  {title} ({id})
                </option>
              ))}
            </Select>
          )}
        </Field>
        <Field label="Reason" error={tried && short ? "Say why in at least ten characters." : server.at.reason}>
          {(field) => <TextArea {...field} rows={3} maxLength={2000} value={reason} onChange={(event) => setReason(event.target.value)} />}
        </Field>
        <Field label="Last day" error={server.at.until} help="At most a year ahead. The day ends at midnight, UTC.">
          {(field) => <TextInput {...field} type="date" min={dateIn(0)} max={dateIn(365)} value={until} onChange={(event) => setUntil(event.target.value)} />}
        </Field>
        <label className="flex items-baseline gap-2 text-sm">
          <input type="checkbox" checked={next} onChange={(event) => setNext(event.target.checked)} className="accent-accent translate-y-0.5" />
          End it with the next release of the target
        </label>
        <div className="flex gap-2 pt-1">
          <Button type="submit" look="primary" disabled={ask.isPending}>
            Ask for it
          </Button>
          <Button onClick={() => onOpenChange(false)}>Close</Button>
        </div>
      </form>
    </Dialog>
  );
}
