// A field for the code of an authenticator app.
import { useEffect, useRef } from "react";
import { Field, TextInput } from "@/ui/Field";

interface Props {
  value: string;
  onChange: (code: string) => void;
  label?: string;
}

export function CodeField({ value, onChange, label = "Code" }: Props) {
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => input.current?.focus(), []);
  return (
    <Field label={label} help="The six digits that your authenticator app shows now.">
      {(field) => (
        <TextInput
          {...field}
          ref={input}
          inputMode="numeric"
          autoComplete="one-time-code"
          maxLength={7}
          value={value}
          onChange={(event) => onChange(event.target.value.replace(/\D/g, "").slice(0, 6))}
          className="font-mono tracking-widest"
        />
      )}
    </Field>
  );
}
