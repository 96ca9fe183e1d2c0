// The fields of a policy.
import type { ReactNode } from "react";
import { ATTACK_WORDS, ATTACKS } from "@/features/audits/new/options";
import type { PolicyForm, PolicyProblems } from "@/features/policies/form";
import { Field, Select, TextInput } from "@/ui/Field";
import { Term } from "@/ui/Term";

interface Props {
  form: PolicyForm;
  set: (change: Partial<PolicyForm>) => void;
  problems: PolicyProblems;
}

const SEVERITIES = { fail: "fails the gate", warn: "is a warning" };

export function PolicyFields({ form, set, problems }: Props) {
  return (
    <>
      <Group title="Budget" help={<>The largest accepted R, in percent, for each kind of access. Empty: the gate does not ask about it.</>}>
        <div className="grid gap-5 sm:grid-cols-3">
          {(["whiteBox", "scores", "labels"] as const).map((field) => (
            <Field key={field} label={{ whiteBox: "With the weights, %", scores: "With scores, %", labels: "With labels, %" }[field]} error={problems[field]}>
              {(props) => <TextInput {...props} inputMode="decimal" value={form[field]} onChange={(event) => set({ [field]: event.target.value })} />}
            </Field>
          ))}
        </div>
      </Group>
      <Group title="Evidence">
        <div className="grid gap-5 sm:grid-cols-3">
          <Field label={<Term name="evidence">Lowest level</Term>}>
            {(props) => (
              <Select {...props} value={form.evidence} onChange={(event) => set({ evidence: event.target.value as PolicyForm["evidence"] })}>
                <option value="verified">verified</option>
                <option value="evaluator">evaluator</option>
                <option value="unreferenced">unreferenced</option>
              </Select>
            )}
          </Field>
          <Field label="Fewest identities" error={problems.fewest}>
            {(props) => <TextInput {...props} inputMode="numeric" value={form.fewest} onChange={(event) => set({ fewest: event.target.value })} />}
          </Field>
          <Field label="What is undecided">
            {(props) => (
              <Select {...props} value={form.inconclusive} onChange={(event) => set({ inconclusive: event.target.value as PolicyForm["inconclusive"] })}>
                <option value="fail">fails the gate</option>
                <option value="warn">is a warning</option>
                <option value="pass">passes</option>
              </Select>
            )}
          </Field>
        </div>
        <fieldset className="mt-5">
          <legend className="mb-1 text-sm font-medium">Attacks that must have run</legend>
          <div className="flex flex-wrap gap-x-5 gap-y-1.5">
            {ATTACKS.map((attack) => (
              <label key={attack} className="flex items-baseline gap-2 text-sm">
                <input
                  type="checkbox"
                  checked={form.attacks.includes(attack)}
                  onChange={() => set({ attacks: form.attacks.includes(attack) ? form.attacks.filter((one) => one !== attack) : [...form.attacks, attack] })}
                  className="accent-accent translate-y-0.5"
                />
                {ATTACK_WORDS[attack].name}
              </label>
            ))}
          </div>
        </fieldset>
      </Group>
      <Group title="Compared with earlier releases">
        <div className="grid gap-5 sm:grid-cols-3">
          <Field label="Regression" help="R against the last release that passed.">
            {(props) => (
              <Select {...props} value={form.regression} onChange={(event) => set({ regression: event.target.value as PolicyForm["regression"] })}>
                <option value="off">not asked</option>
                <option value="auto">a significant rise</option>
                <option value="number">a rise above a number</option>
              </Select>
            )}
          </Field>
          {form.regression === "number" && (
            <Field label="Tolerated rise, points" error={problems.tolerance}>
              {(props) => <TextInput {...props} inputMode="decimal" value={form.tolerance} onChange={(event) => set({ tolerance: event.target.value })} />}
            </Field>
          )}
          {form.regression !== "off" && (
            <Severity label="A regression" value={form.regressionSeverity} onChange={(regressionSeverity) => set({ regressionSeverity })} />
          )}
          <Field label="A new finding" help="An identity that is named for the first time.">
            {(props) => (
              <Select {...props} value={form.newFindings} onChange={(event) => set({ newFindings: event.target.value as PolicyForm["newFindings"] })}>
                <option value="off">not asked</option>
                <option value="warn">is a warning</option>
                <option value="fail">fails the gate</option>
              </Select>
            )}
          </Field>
        </div>
      </Group>
      <Group title="Freshness and reports">
        <div className="grid gap-5 sm:grid-cols-3">
          <Field label="A verdict counts for, days" error={problems.days} help="Empty: it does not age.">
            {(props) => <TextInput {...props} inputMode="numeric" value={form.days} onChange={(event) => set({ days: event.target.value })} />}
          </Field>
          {(form.days.trim() !== "" || form.sameEngine) && (
            <Severity label="An old verdict" value={form.freshnessSeverity} onChange={(freshnessSeverity) => set({ freshnessSeverity })} />
          )}
        </div>
        <div className="mt-4 space-y-1.5 text-sm">
          <Check checked={form.sameEngine} onChange={(sameEngine) => set({ sameEngine })}>
            A verdict of an older engine no longer counts
          </Check>
          <Check checked={form.nameIdentities} onChange={(nameIdentities) => set({ nameIdentities })}>
            Reports may name exposed identities
          </Check>
        </div>
      </Group>
    </>
  );
}

function Group({ title, help, children }: { title: string; help?: ReactNode; children: ReactNode }) {
  return (
    <section className="border-line border-t pt-5">
      <h3 className="font-semibold">{title}</h3>
      {help && <p className="text-ink-2 text-sm">{help}</p>}
      <div className="mt-3">{children}</div>
    </section>
  );
}

function Severity({ label, value, onChange }: { label: string; value: "fail" | "warn"; onChange: (value: "fail" | "warn") => void }) {
  return (
    <Field label={label}>
      {(props) => (
        <Select {...props} value={value} onChange={(event) => onChange(event.target.value as "fail" | "warn")}>
          {Object.entries(SEVERITIES).map(([severity, words]) => (
            <option key={severity} value={severity}>
              {words}
            </option>
          ))}
        </Select>
      )}
    </Field>
  );
}

function Check({ checked, onChange, children }: { checked: boolean; onChange: (checked: boolean) => void; children: ReactNode }) {
  return (
    <label className="flex items-baseline gap-2">
      <input type="checkbox" checked={checked} onChange={(event) => onChange(event.target.checked)} className="accent-accent translate-y-0.5" />
      {children}
    </label>
  );
}
