// Fields for the attack, its effort, the identities and the budget.
import type { Noun } from "@/api/model";
import type { AuditForm, Choices, FormProblems } from "@/features/audits/new/form";
import { ATTACK_WORDS, ATTACKS, EFFORT_WORDS, EFFORTS, FITTING, FITTING_WORDS, PRIORS, RELEASE_PLAN_WORDS, RELEASE_PLANS, SETTINGS } from "@/features/audits/new/options";
import { PRIOR_WORDS, SETTING_WORDS } from "@/features/audits/settings";
import { counted, nounOfKind } from "@/features/audits/noun";
import { OtherAttacks } from "@/features/audits/new/OtherAttacks";
import { Field, TextInput } from "@/ui/Field";
import { RadioCards } from "@/ui/RadioCards";
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
      <div className="mb-5">
        <RadioCards
          legend="Attack"
          name="attack"
          value={form.attack}
          options={[{ value: FITTING, ...FITTING_WORDS.attack }, ...ATTACKS.map((value) => ({ value, ...ATTACK_WORDS[value] }))]}
          onChange={(attack) => set({ attack, others: attack === FITTING ? [] : form.others.filter(({ name }) => name !== attack) })}
        />
      </div>
      <RadioCards
        legend="Attack setting"
        name="setting"
        value={form.setting}
        options={[{ value: FITTING, ...FITTING_WORDS.setting }, ...SETTINGS.map((value) => ({ value, ...SETTING_WORDS[value] }))]}
        onChange={(setting) => set({ setting })}
      />
      <div className="mt-5">
        <RadioCards
          legend="Prior, the attacker’s generator"
          name="prior"
          value={form.prior}
          options={[{ value: FITTING, ...FITTING_WORDS.prior }, ...PRIORS.map((value) => ({ value, ...PRIOR_WORDS[value] }))]}
          onChange={(prior) => set({ prior })}
        />
      </div>
      <div className="mt-5">
        <RadioCards
          legend="Effort"
          name="effort"
          value={form.effort}
          options={EFFORTS.map((value) => ({ value, ...EFFORT_WORDS[value] }))}
          onChange={(effort) => set({ effort })}
        />
      </div>
      <div className="mt-5 grid gap-5 sm:grid-cols-3">
        <div>
          <p className="mb-1 text-sm font-medium">
            <Term name="identity">Identities</Term>
          </p>
          <label className="flex h-9 items-center gap-2">
            <input type="checkbox" checked={form.all} onChange={(event) => set({ all: event.target.checked })} className="accent-accent" />
            {everybody}
          </label>
        </div>
        <Field label="Sample of" error={problems.identities} help={form.all ? "Not used, because all are attacked." : "Drawn by the seed from those with private images."}>
          {(field) => (
            <TextInput {...field} inputMode="numeric" disabled={form.all} value={form.identities} onChange={(event) => set({ identities: event.target.value })} />
          )}
        </Field>
        <Field label="Seed" error={problems.seed} help="The same seed draws the same sample and starting points.">
          {(field) => <TextInput {...field} inputMode="numeric" value={form.seed} onChange={(event) => set({ seed: event.target.value })} />}
        </Field>
      </div>
      <Field
        className="mt-5 sm:w-1/3 sm:pr-3"
        label="Risk budget, %"
        error={problems.budget}
        help={`The share of ${noun.many} that you accept as exposed${release ? `: ${accepted(form.budget, release.class_count, noun)}` : ""}.`}
      >
        {(field) => <TextInput {...field} inputMode="decimal" value={form.budget} onChange={(event) => set({ budget: event.target.value })} />}
      </Field>
      <label className="mt-5 flex items-baseline gap-2">
        <input
          type="checkbox"
          checked={form.stopEarly}
          onChange={(event) => set({ stopEarly: event.target.checked })}
          className="accent-accent translate-y-0.5"
        />
        <span>
          Stop early if the verdict is certain
          <span className="text-ink-2 block text-sm">
            A random half of the {noun.many} is attacked first. If it decides, the other half is not attacked, and the result does not cover it.
          </span>
        </span>
      </label>
      {form.attack !== FITTING && <OtherAttacks attack={form.attack} others={form.others} set={set} />}
      <div className="mt-5">
        <RadioCards
          legend="Release plan: who will hold the weights. It determines the severity"
          name="release-plan"
          value={form.releasePlan}
          options={RELEASE_PLANS.map((value) => ({ value, ...RELEASE_PLAN_WORDS[value] }))}
          onChange={(releasePlan) => set({ releasePlan })}
        />
      </div>
    </fieldset>
  );
}

function accepted(budget: string, classCount: number, noun: Noun): string {
  const share = Number(budget.replace(",", ".")) / 100;
  return Number.isFinite(share) ? `about ${counted(Math.floor(share * classCount), noun)} of ${classCount}` : "–";
}
