// Further attacks of the portfolio.
import type { Attack } from "@/api/model";
import { fieldId } from "@/features/audits/new/fields";
import type { AuditForm } from "@/features/audits/new/form";
import { ATTACK_WORDS, ATTACKS } from "@/features/audits/new/options";

interface Props {
  attack: Attack;
  others: AuditForm["others"];
  set: (change: Partial<AuditForm>) => void;
  error: string | undefined;
}

export function OtherAttacks({ attack, others, set, error }: Props) {
  const has = (name: Attack) => others.some((one) => one.name === name);
  const toggle = (name: Attack) => set({ others: has(name) ? others.filter((one) => one.name !== name) : [...others, { name }] });
  return (
    <fieldset id={fieldId("others")} tabIndex={-1} className="mt-5">
      <legend className="text-sm font-medium">Further attacks</legend>
      <p className={error ? "mt-1 text-xs font-medium" : "text-ink-2 mt-1 max-w-[68ch] text-sm"}>
        {error ?? "Each takes as long as an attack alone. An identity counts as exposed if any attack exposes it."}
      </p>
      {ATTACKS.filter((name) => name !== attack).map((name) => (
        <label key={name} className="mt-2 flex items-baseline gap-2 text-sm">
          <input type="checkbox" checked={has(name)} onChange={() => toggle(name)} className="accent-accent" />
          <span>
            {ATTACK_WORDS[name].name} <span className="text-ink-2">{ATTACK_WORDS[name].does}</span>
          </span>
        </label>
      ))}
    </fieldset>
  );
}
