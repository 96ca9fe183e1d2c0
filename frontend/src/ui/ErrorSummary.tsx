// The errors of a form, beside its button. Each leads to its field.
import { Notice } from "@/ui/Notice";

export interface FieldError {
  /** Id of the field's element. */
  id: string;
  label: string;
  error: string;
}

export function ErrorSummary({ title, errors }: { title: string; errors: readonly FieldError[] }) {
  if (errors.length === 0) return null;
  return (
    <div role="alert">
      <Notice title={title}>
        <ul className="mt-1 space-y-0.5">
          {errors.map(({ id, label, error }) => (
            <li key={id}>
              <a
                href={`#${id}`}
                onClick={(event) => {
                  event.preventDefault(); // the address holds the choices of the form
                  document.getElementById(id)?.focus();
                }}
                className="text-accent underline underline-offset-2"
              >
                {label}
              </a>
              : {error}
            </li>
          ))}
        </ul>
      </Notice>
    </div>
  );
}
