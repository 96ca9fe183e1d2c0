// The form of a source, new or changed: what is watched, and what a new file starts.
import { useQuery } from "@tanstack/react-query";
import { type SubmitEvent, useState } from "react";
import { placed } from "@/api/faults";
import type { NewSource, Source, Target } from "@/api/model";
import { schedulesQuery } from "@/features/schedules/queries";
import { changeOf, emptySource, formOf, isRegistry, problemsOf, requestOf, shownFields, type SourceForm } from "@/features/sources/form";
import { useChangeSource, useCreateSource } from "@/features/sources/queries";
import { Button } from "@/ui/Button";
import { Field, Select, TextArea, TextInput } from "@/ui/Field";
import { ProblemNotice } from "@/ui/Notice";

interface Props {
  target: Target;
  /** The source to change. Without one, a new one is made. */
  source?: Source;
  onClose: () => void;
  onMade?: (source: NewSource) => void;
}

export function SourceEditor({ target, source, onClose, onMade }: Props) {
  const create = useCreateSource(target.project_id);
  const change = useChangeSource(source ?? { id: "", project_id: target.project_id });
  const schedules = useQuery(schedulesQuery(target.project_id, target.id));
  const [form, setForm] = useState<SourceForm>(() => (source ? formOf(source) : emptySource()));
  const [tried, setTried] = useState(false);
  const sent = source ? change : create;
  const ofService = placed(sent.error, shownFields(form, source !== undefined));
  const problems = tried ? { ...ofService.at, ...problemsOf(form, source !== undefined) } : {};
  const set = (more: Partial<SourceForm>) => setForm((old) => ({ ...old, ...more }));
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    setTried(true);
    if (Object.keys(problemsOf(form, source !== undefined)).length > 0) return;
    if (source) change.mutate(changeOf(form), { onSuccess: onClose });
    else create.mutate(requestOf(form, target.id), { onSuccess: onMade });
  };
  return (
    <form onSubmit={submit} noValidate className="border-line mb-6 max-w-3xl rounded-xl border p-6">
      <h3 className="text-lg font-semibold">{source ? `Change “${source.name}”` : "New source"}</h3>
      <p className="text-ink-2 mt-0.5 text-sm">A new file at the address becomes a release of {target.name}. The file that is there now becomes the first.</p>
      <div className="mt-4 space-y-5">
        {ofService.rest !== null && <ProblemNotice error={ofService.rest} />}
        <div className="grid gap-5 sm:grid-cols-2">
          <Field label="Name" error={problems.name} help="For example, candidates.">
            {(field) => <TextInput {...field} maxLength={100} value={form.name} onChange={(event) => set({ name: event.target.value })} />}
          </Field>
          <Field label="Minutes between checks" error={problems.minutes}>
            {(field) => <TextInput {...field} inputMode="decimal" value={form.minutes} onChange={(event) => set({ minutes: event.target.value })} />}
          </Field>
        </div>
        <Field
          label="Address"
          error={problems.address}
          help={source ? "The address cannot change. Make another source for another one." : "models:/NAME@ALIAS, hf://OWNER/NAME@BRANCH/FILE, s3://BUCKET/PREFIX/ or https://HOST/FILE. The service must allow its host."}
        >
          {(field) => (
            <TextInput {...field} className="font-mono" maxLength={1000} autoComplete="off" disabled={source !== undefined} value={form.address} onChange={(event) => set({ address: event.target.value })} />
          )}
        </Field>
        <Field label="Schedule" error={problems.schedule} help="Its audit is started for a new release.">
          {(field) => (
            <Select {...field} value={form.schedule} onChange={(event) => set({ schedule: event.target.value })}>
              <option value="">None: a new release waits for somebody to audit it</option>
              {schedules.data?.map(({ id, name }) => (
                <option key={id} value={id}>
                  {name}
                </option>
              ))}
            </Select>
          )}
        </Field>
        {isRegistry(form.address) && (
          <div className="grid gap-5 sm:grid-cols-2">
            <label className="flex cursor-pointer items-baseline gap-2 text-sm">
              <input type="checkbox" checked={form.writeBack} onChange={(event) => set({ writeBack: event.target.checked })} className="accent-accent translate-y-0.5" />
              Write the result to MLflow as tags
            </label>
            <Field label="Alias for a PASS" error={problems.passAlias} help="MLflow gives it to a version that passes. Optional.">
              {(field) => <TextInput {...field} maxLength={100} value={form.passAlias} onChange={(event) => set({ passAlias: event.target.value })} />}
            </Field>
          </div>
        )}
        {!source && (
          <Field label="Description of its releases" error={problems.description} help="As for an upload: architecture, input convention and classes.">
            {(field) => <TextArea {...field} rows={12} spellCheck={false} className="font-mono text-xs" value={form.description} onChange={(event) => set({ description: event.target.value })} />}
          </Field>
        )}
        <div className="flex gap-2">
          <Button type="submit" look="primary" disabled={sent.isPending}>
            {source ? "Save the changes" : "Watch the address"}
          </Button>
          <Button onClick={onClose}>Close</Button>
        </div>
      </div>
    </form>
  );
}
