// The form of a policy, with its test against the last releases.
import { type SubmitEvent, useState } from "react";
import { placed } from "@/api/faults";
import type { PolicyDocument } from "@/api/model";
import { documentOf, FIELDS, formOf, type PolicyForm, problemsOf } from "@/features/policies/form";
import { PolicyFields } from "@/features/policies/PolicyFields";
import { useTestPolicy } from "@/features/policies/queries";
import { TestedReleases } from "@/features/policies/TestedReleases";
import { Button } from "@/ui/Button";
import { Field, TextInput } from "@/ui/Field";
import { ProblemNotice } from "@/ui/Notice";

interface Props {
  projectId: string;
  title: string;
  /** The policy to begin with. Left out for a new one, which needs a name. */
  policy?: PolicyDocument;
  save: { words: string; pending: boolean; error: unknown; run: (name: string, policy: PolicyDocument) => void };
  onClose: () => void;
}

export function PolicyEditor({ projectId, title, policy, save, onClose }: Props) {
  const [form, setForm] = useState<PolicyForm>(() => formOf(policy ? "-" : "", policy));
  const [tried, setTried] = useState(false);
  const test = useTestPolicy(projectId);
  const saved = placed(save.error, FIELDS);
  const tested = placed(test.error, FIELDS);
  const problems = { ...tested.at, ...saved.at, ...(tried ? problemsOf(form) : {}) };
  const set = (change: Partial<PolicyForm>) => {
    test.reset();
    setForm((old) => ({ ...old, ...change }));
  };
  const checked = (action: () => void) => {
    setTried(true);
    if (Object.keys(problemsOf(form)).length === 0) action();
  };
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    checked(() => save.run(form.name.trim(), documentOf(form)));
  };
  return (
    <form onSubmit={submit} noValidate className="border-line mb-8 max-w-4xl rounded-xl border p-6">
      <h2 className="text-lg font-semibold">{title}</h2>
      <div className="mt-4 space-y-5">
        {saved.rest !== null && <ProblemNotice error={saved.rest} />}
        {!policy && (
          <Field label="Name" error={problems.name} className="max-w-sm" help="For example, production.">
            {(props) => <TextInput {...props} maxLength={100} value={form.name} onChange={(event) => set({ name: event.target.value })} />}
          </Field>
        )}
        <PolicyFields form={form} set={set} problems={problems} />
        {tested.rest !== null && <ProblemNotice error={tested.rest} title="The draft could not be tested" />}
        {test.data && <TestedReleases test={test.data} />}
        <div className="flex flex-wrap gap-2">
          <Button type="submit" look="primary" disabled={save.pending}>
            {save.words}
          </Button>
          <Button onClick={() => checked(() => test.mutate(documentOf(form)))} disabled={test.isPending}>
            {test.isPending ? "Testing …" : "Test on past releases"}
          </Button>
          <Button onClick={onClose}>Close</Button>
        </div>
      </div>
    </form>
  );
}
