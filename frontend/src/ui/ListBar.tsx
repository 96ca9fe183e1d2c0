// Search, filters and order above a list. The server applies them, and the address keeps them.
import { type ReactNode, useEffect, useId, useState } from "react";
import { Button } from "@/ui/Button";
import { Select, TextInput } from "@/ui/Field";
import { Icon } from "@/ui/Icon";

const PAUSE_MS = 350; // after the last key, before the list is read again

export interface ListChoice<Name extends string> {
  name: Name;
  label: string;
  /** Values and their words. The first one is the default and has the value "". */
  options: readonly (readonly [value: string, words: string])[];
}

interface Props<Name extends string> {
  /** The plural of what is listed, for the label of the search. */
  what: string;
  values: Partial<Record<Name | "q", string>>;
  choices: readonly ListChoice<Name>[];
  onChange: (values: Partial<Record<Name | "q", string>>) => void;
  /** Why the service does not accept the text of the search. */
  problem?: string | undefined;
  children?: ReactNode;
}

export function ListBar<Name extends string>({ what, values, choices, onChange, problem, children }: Props<Name>) {
  const set = (name: Name | "q", value: string) => onChange({ ...values, [name]: value === "" ? undefined : value });
  const active = Object.values(values).some((value) => value !== undefined);
  return (
    <form role="search" aria-label={`Search ${what}`} className="mb-4 grid grid-cols-2 items-end gap-x-3 gap-y-2 sm:flex sm:flex-wrap" onSubmit={(event) => event.preventDefault()}>
      <SearchField what={what} value={values.q ?? ""} problem={problem} onSearch={(text) => set("q", text)} />
      {choices.map(({ name, label, options }) => (
        <label key={name} className="text-ink-3 text-xs">
          {label}
          <Select value={values[name] ?? ""} onChange={(event) => set(name, event.target.value)} className="text-ink mt-1 block min-w-0 sm:!w-auto sm:min-w-28">
            {options.map(([value, words]) => (
              <option key={value} value={value}>
                {words}
              </option>
            ))}
          </Select>
        </label>
      ))}
      {children}
      {active && (
        <Button look="quiet" onClick={() => onChange({})}>
          <Icon name="cross" /> Clear
        </Button>
      )}
    </form>
  );
}

interface SearchProps {
  what: string;
  value: string;
  problem: string | undefined;
  onSearch: (text: string) => void;
}

function SearchField({ what, value, problem, onSearch }: SearchProps) {
  const id = useId();
  const [text, setText] = useState(value);
  const [known, setKnown] = useState(value);
  const [sent, setSent] = useState<string | null>(null);
  const search = () => {
    setSent(text);
    onSearch(text);
  };
  if (value !== known) {
    setKnown(value);
    setSent(null);
    if (value !== sent) setText(value); // by a link or "Clear", and not by what was typed here
  }
  useEffect(() => {
    if (text === value) return;
    const timer = setTimeout(search, PAUSE_MS);
    return () => clearTimeout(timer);
  });
  return (
    <label htmlFor={id} className="text-ink-3 col-span-2 min-w-48 flex-1 text-xs sm:max-w-80">
      Search
      <TextInput
        id={id}
        type="search"
        value={text}
        maxLength={200}
        aria-label={`Search ${what}`}
        aria-invalid={problem ? true : undefined}
        aria-describedby={problem && `${id}-problem`}
        className="text-ink mt-1 block"
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => event.key === "Enter" && search()}
      />
      {problem && (
        <span id={`${id}-problem`} role="alert" className="text-ink mt-1 block font-medium">
          {problem}
        </span>
      )}
    </label>
  );
}
