// Fields for the declaration of rights. Without it, no release is attacked.
import { useQuery } from "@tanstack/react-query";
import { fieldId } from "@/features/audits/new/fields";
import type { AuditForm, FormProblems } from "@/features/audits/new/form";
import { Who } from "@/features/log/Who";
import { sessionQuery } from "@/features/session/queries";
import { Button } from "@/ui/Button";
import { Field, TextArea, TextInput } from "@/ui/Field";

export type Declaration = Pick<AuditForm, "declaredBy" | "statement">;

interface Props {
  form: AuditForm;
  set: (change: Partial<AuditForm>) => void;
  problems: FormProblems;
  /** The declaration of the audit that is started again. It is never filled in by itself. */
  earlier: Declaration | undefined;
}

export function RightsFields({ form, set, problems, earlier }: Props) {
  const { data: session } = useQuery(sessionQuery);
  const note = `${fieldId("agreed")}-note`;
  return (
    <fieldset>
      <legend className="mb-1 text-lg font-semibold">Your rights</legend>
      <p className="text-ink-2 mb-3 text-sm">
        An audit tries to reconstruct private training images. Name and declaration are kept in the audit and in the audit log, which
        also says who started it{session && <>: <Who actor={session.subject} /></>}.
      </p>
      {earlier && (
        <div className="bg-sunken mb-4 rounded-md px-4 py-3 text-sm">
          <p className="text-ink-2 break-words">
            The earlier audit was declared by {earlier.declaredBy}: “{earlier.statement}”
          </p>
          <Button className="mt-2" onClick={() => set(earlier)}>
            Declare the same
          </Button>
        </div>
      )}
      <div className="grid gap-4 sm:grid-cols-[14rem_minmax(0,1fr)]">
        <Field id={fieldId("declaredBy")} label="Declared by" error={problems.declaredBy} help="The name or role of a person who can be asked.">
          {(field) => <TextInput {...field} autoComplete="name" maxLength={200} value={form.declaredBy} onChange={(event) => set({ declaredBy: event.target.value })} />}
        </Field>
        <Field
          id={fieldId("statement")}
          label="Declaration"
          error={problems.statement}
          help="For example: we own this model and have the consent of the people in it."
        >
          {(field) => <TextArea {...field} rows={2} maxLength={2000} value={form.statement} onChange={(event) => set({ statement: event.target.value })} />}
        </Field>
      </div>
      <label className="mt-4 flex items-baseline gap-2">
        <input
          id={fieldId("agreed")}
          type="checkbox"
          checked={form.agreed}
          onChange={(event) => set({ agreed: event.target.checked })}
          aria-invalid={problems.agreed ? true : undefined}
          aria-describedby={problems.agreed ? note : undefined}
          className="accent-accent translate-y-0.5"
        />
        We may audit this model with these images.
      </label>
      {problems.agreed && (
        <p id={note} className="mt-1 text-xs font-medium">
          {problems.agreed}
        </p>
      )}
    </fieldset>
  );
}
