// The form of a new blind line-up.
import { type SubmitEvent, useState } from "react";
import { placed } from "@/api/faults";
import { useMakeBlindLineUp } from "@/features/blindLineUps/queries";
import { Button } from "@/ui/Button";
import { CommandLine } from "@/ui/Copy";
import { Field, Select, TextInput } from "@/ui/Field";
import { ProblemNotice } from "@/ui/Notice";

const FIELDS = { paths: { candidates: "candidates", identities: "identities" } } as const;
const CANDIDATES = [2, 3, 4, 5, 6, 7, 8, 9];

export function NewBlindLineUp({ auditId, onClose }: { auditId: string; onClose: () => void }) {
  const make = useMakeBlindLineUp(auditId);
  const [candidates, setCandidates] = useState(6);
  const [identities, setIdentities] = useState(40);
  const server = placed(make.error, FIELDS);
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    make.mutate({ candidates, identities }, { onSuccess: onClose });
  };
  return (
    <form onSubmit={submit} className="border-line mb-6 max-w-2xl rounded-xl border p-6">
      <h3 className="text-lg font-semibold">New blind line-up</h3>
      <div className="mt-4 space-y-5">
        {server.rest !== null && <ProblemNotice error={server.rest} />}
        <div className="grid gap-5 sm:grid-cols-2">
          <Field label="Candidates" error={server.at.candidates} help="Of each item, with one photograph each.">
            {(field) => (
              <Select {...field} value={candidates} onChange={(event) => setCandidates(Number(event.target.value))}>
                {CANDIDATES.map((number) => (
                  <option key={number}>{number}</option>
                ))}
              </Select>
            )}
          </Field>
          <Field label="Reconstructions, at most" error={server.at.identities} help="One of each person. More are drawn at random.">
            {(field) => <TextInput {...field} type="number" min={3} max={500} required value={identities} onChange={(event) => setIdentities(event.target.valueAsNumber)} />}
          </Field>
        </div>
        <p className="text-ink-3 text-sm">Auditors, approvers and administrators of the project can review it. They see private images, without names.</p>
        <div className="flex gap-2">
          <Button type="submit" look="primary" disabled={make.isPending}>
            Make it
          </Button>
          <Button onClick={onClose}>Close</Button>
        </div>
        <CommandLine command={`exhume blind-line-up create ${auditId} --candidates ${candidates} --identities ${identities || 40}`} />
      </div>
    </form>
  );
}
