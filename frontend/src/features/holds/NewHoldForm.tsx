// The form of a new legal hold: what must be kept, and why.
import { useQuery } from "@tanstack/react-query";
import { type SubmitEvent, useState } from "react";
import { placed } from "@/api/faults";
import { datasetsQuery } from "@/features/datasets/queries";
import { usePlaceHold } from "@/features/holds/queries";
import { releasesQuery } from "@/features/models/queries";
import { verifiersQuery } from "@/features/verifiers/queries";
import { Button } from "@/ui/Button";
import { Field, Select, TextInput } from "@/ui/Field";
import { ProblemNotice } from "@/ui/Notice";

const AUDIT = "audit";
const FIELDS = { paths: { subject: "subject", reason: "reason" }, codes: { no_such_subject: "subject", no_such_audit: "subject" } } as const;
const AUDIT_ID = /^aud_[0-9a-f]{32}$/;

export function NewHoldForm({ projectId, onClose }: { projectId: string; onClose: () => void }) {
  const place = usePlaceHold(projectId);
  const datasets = useQuery(datasetsQuery(projectId));
  const releases = useQuery(releasesQuery(projectId));
  const verifiers = useQuery(verifiersQuery(projectId));
  const [chosen, setChosen] = useState(projectId);
  const [audit, setAudit] = useState("");
  const [reason, setReason] = useState("");
  const [tried, setTried] = useState(false);
  const subject = chosen === AUDIT ? audit.trim() : chosen;
  const wrongAudit = chosen === AUDIT && !AUDIT_ID.test(subject);
  const server = placed(place.error, FIELDS);
  const short = reason.trim().length < 3;
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    setTried(true);
    if (!wrongAudit && !short) place.mutate({ subject, reason: reason.trim() }, { onSuccess: onClose });
  };
  return (
    <form onSubmit={submit} noValidate className="border-line mb-6 max-w-2xl rounded-xl border p-6">
      <h3 className="text-lg font-semibold">New legal hold</h3>
      <div className="mt-4 space-y-5">
        {server.rest !== null && <ProblemNotice error={server.rest} />}
        <Field label="Must be kept" error={chosen === AUDIT ? null : server.at.subject}>
          {(field) => (
            <Select {...field} value={chosen} onChange={(event) => setChosen(event.target.value)}>
              <option value={projectId}>Everything in this project</option>
              <Options label="Data sets" of={datasets.data?.map(({ id, name }) => [id, name])} />
              <Options label="Releases" of={releases.data?.map(({ id, target_name, version }) => [id, `${target_name} ${version}`])} />
              <Options label="Verifiers" of={verifiers.data?.map(({ id, name }) => [id, name])} />
              <option value={AUDIT}>The images of an audit …</option>
            </Select>
          )}
        </Field>
        {chosen === AUDIT && (
          <Field label="Id of the audit" help="The last part of the address of its page." error={tried && wrongAudit ? "Enter an id such as aud_0198c2f0a1b27c3d8e4f5a6b7c8d9e0f." : server.at.subject}>
            {(field) => <TextInput {...field} className="font-mono" spellCheck={false} value={audit} onChange={(event) => setAudit(event.target.value)} />}
          </Field>
        )}
        <Field label="Reason" help="For example, the number of the case." error={tried && short ? "State why, in at least three characters." : server.at.reason}>
          {(field) => <TextInput {...field} value={reason} maxLength={500} onChange={(event) => setReason(event.target.value)} />}
        </Field>
        <div className="flex gap-2">
          <Button type="submit" look="primary" disabled={place.isPending}>
            Place the hold
          </Button>
          <Button onClick={onClose}>Close</Button>
        </div>
      </div>
    </form>
  );
}

function Options({ label, of: options = [] }: { label: string; of: [id: string, name: string][] | undefined }) {
  if (options.length === 0) return null;
  return (
    <optgroup label={label}>
      {options.map(([id, name]) => (
        <option key={id} value={id}>
          {name}
        </option>
      ))}
    </optgroup>
  );
}
