// Fields for the kind of the classes, and for their order where a file contradicts the
// description.
import type { ClassKind } from "@/api/model";
import { capital, NOUNS } from "@/features/audits/noun";
import { CLASS_KINDS, KINDS } from "@/features/models/classKinds";
import { Field, Select } from "@/ui/Field";

interface Props {
  kind: ClassKind;
  onKind: (kind: ClassKind) => void;
  /** A file of this target names another order, so the described one must be confirmed. */
  contradicted: boolean;
  confirmed: boolean;
  onConfirm: (confirmed: boolean) => void;
}

export function ClassFields({ kind, onKind, contradicted, confirmed, onConfirm }: Props) {
  return (
    <>
      <Field label="Classes are" help={`${CLASS_KINDS[kind]} This determines wording, severity and the verifiers offered.`}>
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
            The order of the classes in my description is right. The one in the file is wrong.
            <span className="text-ink-3 block text-xs">
              With a wrong order, every figure of an audit is wrong. Your confirmation is recorded with the release.
            </span>
          </span>
        </label>
      )}
    </>
  );
}
