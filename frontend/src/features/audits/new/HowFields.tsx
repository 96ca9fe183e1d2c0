// Fields for the attack, the identities and the budget.
import type { ReactNode } from "react";
import type { Noun } from "@/api/model";
import type { AuditForm, Choices, FormProblems } from "@/features/audits/new/form";
import { fieldId } from "@/features/audits/new/fields";
import { ATTACK_WORDS, ATTACKS, FITTING, FITTING_WORDS, PRIORS, RELEASE_PLAN_WORDS, RELEASE_PLANS, SETTINGS } from "@/features/audits/new/options";
import { PRIOR_WORDS, SETTING_WORDS } from "@/features/audits/settings";
import { counted, nounOfKind } from "@/features/audits/noun";
import { OtherAttacks } from "@/features/audits/new/OtherAttacks";
import { Field, Select, TextInput } from "@/ui/Field";
import { Term } from "@/ui/Term";

interface Props {
  form: AuditForm;
  set: (change: Partial<AuditForm>) => void;
  choices: Choices;
  problems: FormProblems;
}

export function HowFields({ form, set, choices, problems }: Props) {
  const release = choices.releases.find((one) => one.id === form.release);
  const noun = nounOfKind(release?.classes_are);
  const referenced = choices.datasets.find((one) => one.id === form.privateSet)?.identity_count;
  const some = release && typeof referenced === "number" && referenced < release.class_count; // only these can be verified
  const everybody = some ? "All with private images" : release ? `All ${release.class_count}` : "All of them";
  return (
    <fieldset>
      <legend className="mb-3 text-lg font-semibold">How it is attacked</legend>
      <div className="grid gap-5 sm:grid-cols-2">
        <Choice
          field="attack"
          label="Attack"
          value={form.attack}
          words={{ [FITTING]: FITTING_WORDS.attack, ...ATTACK_WORDS }}
          values={[FITTING, ...ATTACKS]}
          problems={problems}
          onChange={(attack) => set({ attack, others: attack === FITTING ? [] : form.others.filter(({ name }) => name !== attack) })}
        />
        <Choice
          field="setting"
          label="Attack setting"
          value={form.setting}
          words={{ [FITTING]: FITTING_WORDS.setting, ...SETTING_WORDS }}
          values={[FITTING, ...SETTINGS]}
          problems={problems}
          onChange={(setting) => set({ setting })}
        />
        <Choice
          field="prior"
          label="Prior, the attacker’s generator"
          value={form.prior}
          words={{ [FITTING]: FITTING_WORDS.prior, ...PRIOR_WORDS }}
          values={[FITTING, ...PRIORS]}
          problems={problems}
          onChange={(prior) => set({ prior })}
        />
        <Choice
          field="releasePlan"
          label="Release plan: who will hold the weights"
          value={form.releasePlan}
          words={RELEASE_PLAN_WORDS}
          values={RELEASE_PLANS}
          note="It determines the severity."
          problems={problems}
          onChange={(releasePlan) => set({ releasePlan })}
        />
      </div>
      {form.attack !== FITTING && <OtherAttacks attack={form.attack} others={form.others} set={set} error={problems.others} />}
      <div className="mt-5 grid gap-5 sm:grid-cols-3">
        <div>
          <p className="mb-1 text-sm font-medium">
            <Term name="identity">Identities</Term>
          </p>
          <label className="flex h-9 items-center gap-2">
            <input id={fieldId("all")} type="checkbox" checked={form.all} onChange={(event) => set({ all: event.target.checked })} className="accent-accent" />
            {everybody}
          </label>
        </div>
        <Field
          id={fieldId("identities")}
          label="Sample of"
          error={problems.identities}
          help={form.all ? "Not used, because all are attacked." : "Drawn by the seed from those with private images."}
        >
          {(field) => (
            <TextInput {...field} inputMode="numeric" disabled={form.all} value={form.identities} onChange={(event) => set({ identities: event.target.value })} />
          )}
        </Field>
        <Field id={fieldId("seed")} label="Seed" error={problems.seed} help="The same seed draws the same sample and starting points.">
          {(field) => <TextInput {...field} inputMode="numeric" value={form.seed} onChange={(event) => set({ seed: event.target.value })} />}
        </Field>
      </div>
      <Field
        id={fieldId("budget")}
        className="mt-5 sm:w-1/3 sm:pr-3"
        label="Risk budget, %"
        error={problems.budget}
        help={`The share of ${noun.many} that you accept as exposed${release ? `: ${accepted(form.budget, release.class_count, noun)}` : ""}.`}
      >
        {(field) => <TextInput {...field} inputMode="decimal" value={form.budget} onChange={(event) => set({ budget: event.target.value })} />}
      </Field>
      <label className="mt-5 flex items-baseline gap-2">
        <input
          id={fieldId("stopEarly")}
          type="checkbox"
          checked={form.stopEarly}
          onChange={(event) => set({ stopEarly: event.target.checked })}
          className="accent-accent translate-y-0.5"
        />
        <span>
          Stop early if the verdict is certain
          <span className="text-ink-2 block text-sm">
            {problems.stopEarly ??
              `A random half of the ${noun.many} is attacked first. If it decides, the other half is not attacked, and the result does not cover it.`}
          </span>
        </span>
      </label>
    </fieldset>
  );
}

interface ChoiceProps<T extends string> {
  field: keyof AuditForm;
  label: ReactNode;
  value: T;
  words: Record<NoInfer<T>, { name: string; does: string }>;
  values: readonly T[];
  note?: string;
  problems: FormProblems;
  onChange: (value: T) => void;
}

/** A select with the description of the chosen option below it. */
function Choice<T extends string>({ field, label, value, words, values, note, problems, onChange }: ChoiceProps<T>) {
  return (
    <Field id={fieldId(field)} label={label} error={problems[field]} help={[words[value].does, note].filter(Boolean).join(" ")}>
      {(props) => (
        <Select {...props} value={value} onChange={(event) => onChange(event.target.value as T)}>
          {values.map((one) => (
            <option key={one} value={one}>
              {words[one].name}
            </option>
          ))}
        </Select>
      )}
    </Field>
  );
}

function accepted(budget: string, classCount: number, noun: Noun): string {
  const share = Number(budget.replace(",", ".")) / 100;
  return Number.isFinite(share) ? `about ${counted(Math.floor(share * classCount), noun)} of ${classCount}` : "–";
}
