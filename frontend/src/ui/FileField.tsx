// A field for one file.
import type { ReactNode } from "react";
import { bytes } from "@/format/numbers";
import { Field } from "@/ui/Field";

interface Props {
  id?: string;
  label: string;
  accept?: string;
  help: ReactNode;
  error: string | null | undefined;
  file: File | null;
  onChange: (file: File | null) => void;
}

export function FileField({ id, label, accept, help, error, file, onChange }: Props) {
  return (
    <Field {...(id ? { id } : {})} label={label} help={file ? `${file.name}, ${bytes(file.size)}` : help} error={error}>
      {(field) => (
        <input
          {...field}
          type="file"
          accept={accept}
          onChange={(event) => onChange(event.target.files?.[0] ?? null)}
          className="border-line-strong bg-surface file:bg-hover file:text-ink file:border-line text-ink-2 block w-full rounded-md border text-sm file:mr-3 file:h-9 file:border-0 file:border-r file:px-3 file:text-sm file:font-medium"
        />
      )}
    </Field>
  );
}
