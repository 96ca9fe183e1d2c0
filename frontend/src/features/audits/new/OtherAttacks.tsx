// Further attacks of the portfolio, under "Advanced".
import type { Attack } from "@/api/model";
import type { AuditForm } from "@/features/audits/new/form";
import { ATTACK_WORDS, ATTACKS } from "@/features/audits/new/options";

interface Props {
  attack: Attack;
  others: AuditForm["others"];
  set: (change: Partial<AuditForm>) => void;
}

export function OtherAttacks({ attack, others, set }: Props) {
  const has = (name: Attack) => others.some((one) => one.name === name);
  const toggle = (name: Attack) => set({ others: has(name) ? others.filter((one) => one.name !== name) : [...others, { name }] });
  return (
    <details className="mt-5" open={others.length > 0}>
      <summary className="cursor-pointer text-sm font-medium">Advanced</summary>
      <fieldset className="mt-3">
        <legend className="text-sm font-medium">Further attacks</legend>
        <p className="text-ink-2 mt-1 max-w-[68ch] text-sm">
          Each takes as long as an attack alone. An identity counts as exposed if any attack exposes it.
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
    </details>
  );
}
