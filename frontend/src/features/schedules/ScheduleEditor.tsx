// The form of a schedule, new or changed: a target, a time, and the audit that runs then.
import { useQuery } from "@tanstack/react-query";
import { type SubmitEvent, useState } from "react";
import { placed } from "@/api/faults";
import type { Dataset, Schedule, Target } from "@/api/model";
import { DueTimes } from "@/features/schedules/DueTimes";
import { draftQuery, useCreateSchedule, useUpdateSchedule } from "@/features/schedules/queries";
import { changeOf, emptySchedule, FIELDS, formOf, problemsOf, requestOf, type ScheduleForm } from "@/features/schedules/form";
import { useSettled } from "@/features/audits/new/useSettled";
import { Button } from "@/ui/Button";
import { Field, Select, TextArea, TextInput } from "@/ui/Field";
import { ProblemDetails, ProblemNotice } from "@/ui/Notice";
import { problemOf } from "@/api/problem";

interface Props {
  projectId: string;
  targets: readonly Target[];
  /** Id of the target from whose page the form was opened. */
  chosen?: string | undefined;
  datasets: readonly Dataset[];
  /** The schedule to change. Without one, a new one is made. */
  schedule?: Schedule;
  onClose: () => void;
  onDone: (schedule: Schedule) => void;
}

/** Return the target of a new schedule: the chosen one, or the only one. */
function targetOf(targets: readonly Target[], chosen: string | undefined): string {
  const found = targets.find(({ id }) => id === chosen) ?? (targets.length === 1 ? targets[0] : undefined);
  return found?.id ?? "";
}

export function ScheduleEditor({ projectId, targets, chosen, datasets, schedule, onClose, onDone }: Props) {
  const create = useCreateSchedule(projectId);
  const update = useUpdateSchedule(projectId);
  const sent = schedule ? update : create;
  const [form, setForm] = useState<ScheduleForm>(() => (schedule ? formOf(schedule) : emptySchedule(targetOf(targets, chosen))));
  const [tried, setTried] = useState(false);
  const ofService = placed(sent.error, FIELDS);
  const set = (change: Partial<ScheduleForm>) => setForm((old) => ({ ...old, ...change }));
  const problems = tried ? { ...ofService.at, ...problemsOf(form) } : {};
  const ready = (role: Dataset["role"]) => datasets.filter((one) => one.role === role && one.state === "ready");
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    setTried(true);
    if (Object.keys(problemsOf(form)).length > 0) return;
    if (schedule) update.mutate({ id: schedule.id, body: changeOf(form, schedule) }, { onSuccess: onDone });
    else create.mutate(requestOf(form), { onSuccess: onDone });
  };
  return (
    <form onSubmit={submit} noValidate className="border-line mb-8 max-w-3xl rounded-xl border p-6">
      <h2 className="text-lg font-semibold">{schedule ? `Change “${schedule.name}”` : "New schedule"}</h2>
      <p className="text-ink-2 mt-0.5 text-sm">It audits the newest ready release of the target. A release that has not changed since its last verdict is not audited again.</p>
      <div className="mt-4 space-y-5">
        {ofService.rest !== null && <ProblemNotice error={ofService.rest} />}
        <div className="grid gap-5 sm:grid-cols-2">
          <Field label="Name" error={problems.name} help="For example, nightly.">
            {(field) => <TextInput {...field} maxLength={100} value={form.name} onChange={(event) => set({ name: event.target.value })} />}
          </Field>
          <Field label="Target" error={problems.target}>
            {(field) => (
              <Select {...field} disabled={schedule !== undefined} value={form.target} onChange={(event) => set({ target: event.target.value })}>
                {form.target === "" && <option value="">Choose a target</option>}
                {targets.map(({ id, name }) => (
                  <option key={id} value={id}>
                    {name}
                  </option>
                ))}
              </Select>
            )}
          </Field>
          <Field label="Cron expression" error={problems.cron} help="Minute, hour, day of the month, month, day of the week.">
            {(field) => <TextInput {...field} className="font-mono" maxLength={100} value={form.cron} onChange={(event) => set({ cron: event.target.value })} />}
          </Field>
          <Field label="Time zone" error={problems.timezone} help="An IANA name, such as Europe/Berlin.">
            {(field) => <TextInput {...field} maxLength={64} value={form.timezone} onChange={(event) => set({ timezone: event.target.value })} />}
          </Field>
        </div>
        <Draft cron={form.cron} timezone={form.timezone} />
        <div className="grid gap-5 sm:grid-cols-2">
          <Field label="Public images" error={problems.publicSet}>
            {(field) => <SetSelect field={field} value={form.publicSet} sets={ready("public")} onChange={(publicSet) => set({ publicSet })} none="Choose a data set" />}
          </Field>
          <Field label="Private images" help="Without them, every audit ends as INCONCLUSIVE.">
            {(field) => <SetSelect field={field} value={form.privateSet} sets={ready("private")} onChange={(privateSet) => set({ privateSet })} none="None" />}
          </Field>
          <Field label="Effort">
            {(field) => (
              <Select {...field} value={form.effort} onChange={(event) => set({ effort: event.target.value as ScheduleForm["effort"] })}>
                <option value="quick">Quick</option>
                <option value="standard">Standard</option>
                <option value="deep">Deep</option>
              </Select>
            )}
          </Field>
          <Field label="Budget, %" error={problems.budget} help="Largest accepted risk. A policy of the target decides by its own.">
            {(field) => <TextInput {...field} inputMode="decimal" value={form.budget} onChange={(event) => set({ budget: event.target.value })} />}
          </Field>
          <Field label="Declared by" error={problems.declaredBy} help="The name or role of a person who can be asked.">
            {(field) => <TextInput {...field} autoComplete="name" maxLength={200} value={form.declaredBy} onChange={(event) => set({ declaredBy: event.target.value })} />}
          </Field>
          <Field label="Declaration of rights" error={problems.statement} help="Applies to every audit that the schedule starts.">
            {(field) => <TextArea {...field} rows={2} maxLength={2000} value={form.statement} onChange={(event) => set({ statement: event.target.value })} />}
          </Field>
        </div>
        <div className="flex gap-2">
          <Button type="submit" look="primary" disabled={sent.isPending}>
            {schedule ? "Save the changes" : "Create the schedule"}
          </Button>
          <Button onClick={onClose}>Close</Button>
        </div>
      </div>
    </form>
  );
}

interface SetProps {
  field: { id: string };
  value: string;
  sets: readonly Dataset[];
  none: string;
  onChange: (id: string) => void;
}

function SetSelect({ field, value, sets, none, onChange }: SetProps) {
  return (
    <Select {...field} value={value} onChange={(event) => onChange(event.target.value)}>
      <option value="">{none}</option>
      {sets.map(({ id, name }) => (
        <option key={id} value={id}>
          {name}
        </option>
      ))}
    </Select>
  );
}

/** Shows when the expression is due, or what is wrong with it, while it is being written. */
function Draft({ cron, timezone }: { cron: string; timezone: string }) {
  const settled = useSettled({ cron: cron.trim(), timezone: timezone.trim() }, 400);
  const draft = useQuery(draftQuery(settled.cron, settled.timezone));
  return (
    <div role="status" className="bg-sunken max-w-xl rounded-md px-4 py-3 text-sm">
      {draft.data ? <DueTimes preview={draft.data} /> : draft.isError ? <ProblemDetails problem={problemOf(draft.error)} /> : <p className="text-ink-3">The next five due times appear here.</p>}
    </div>
  );
}
