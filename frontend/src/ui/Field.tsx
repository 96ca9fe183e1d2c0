// Form fields with a label, help and errors.
import { type ComponentProps, type ReactNode, useId } from "react";
import { classes } from "@/ui/classes";

const inputClass =
  "border-line-strong bg-surface placeholder:text-ink-3 w-full rounded-md border px-2.5 h-9 text-base " +
  "aria-invalid:border-ink aria-invalid:border-2 disabled:opacity-60";

interface FieldProps {
  label: ReactNode;
  help?: ReactNode;
  error?: string | null | undefined;
  /** Given where an error summary links to the field. */
  id?: string;
  children: (props: { id: string; "aria-describedby"?: string; "aria-invalid"?: true }) => ReactNode;
  className?: string;
}

export function Field({ label, help, error, id: given, children, className }: FieldProps) {
  const own = useId();
  const id = given ?? own;
  const note = error ?? help ? `${id}-note` : undefined;
  return (
    <div className={className}>
      <label htmlFor={id} className="mb-1 block text-sm font-medium">
        {label}
      </label>
      {children({ id, "aria-describedby": note, ...(error ? { "aria-invalid": true as const } : {}) })}
      {(error ?? help) && (
        <div id={note} className={classes("mt-1 text-xs", error ? "text-ink font-medium" : "text-ink-3")}>
          {error ?? help}
        </div>
      )}
    </div>
  );
}

export function TextInput({ className, ...rest }: ComponentProps<"input">) {
  return <input className={classes(inputClass, className)} {...rest} />;
}

export function Select({ className, children, ...rest }: ComponentProps<"select">) {
  return (
    <select className={classes(inputClass, "pr-8", className)} {...rest}>
      {children}
    </select>
  );
}

export function TextArea({ className, ...rest }: ComponentProps<"textarea">) {
  return <textarea className={classes(inputClass, "h-auto py-2", className)} {...rest} />;
}
