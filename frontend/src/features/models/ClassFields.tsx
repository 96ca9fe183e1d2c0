// What the classes of a release are, and, where a file contradicts their described order, which of the two is right.
import type { ClassKind } from "@/api/model";
import { capital, NOUNS } from "@/features/audits/noun";
import { CLASS_KINDS, KINDS } from "@/features/models/classKinds";
import { Field, Select } from "@/ui/Field";

interface Props {
  kind: ClassKind;
  onKind: (kind: ClassKind) => void;
  /** A file of this target has named another order: only then is there something to confirm. */
  contradicted: boolean;
  confirmed: boolean;
  onConfirm: (confirmed: boolean) => void;
}

export function ClassFields({ kind, onKind, contradicted, confirmed, onConfirm }: Props) {
  return (
    <>
      <Field label="Classes are" help={`${CLASS_KINDS[kind]} Words, severity and verifiers on offer follow from it.`}>
        {(field) => (
          <Select {...field} value={kind} onChange={(event) => onKind(event.target.value as ClassKind)}>
            {KINDS.map((one) => (
              <option key={one} value={one}>
                {capital(NOUNS[one].many)}
              </option>
            ))}
          </Select>
        )}
      </Field>
      {contradicted && (
        <label className="flex items-baseline gap-2">
          <input type="checkbox" checked={confirmed} onChange={(event) => onConfirm(event.target.checked)} className="accent-accent translate-y-0.5" />
          <span>
            The order of the classes in my description is right, not the one written in the file.
            <span className="text-ink-3 block text-xs">
              In a wrong order every figure of an audit is wrong. Your confirmation is noted with the release.
            </span>
          </span>
        </label>
      )}
    </>
  );
}
