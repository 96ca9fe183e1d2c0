// Radio buttons with descriptions.
import { classes } from "@/ui/classes";

interface CardsProps<T extends string> {
  legend: string;
  name: string;
  value: T;
  options: { value: T; name: string; does: string }[];
  onChange: (value: T) => void;
}

export function RadioCards<T extends string>({ legend, name, value, options, onChange }: CardsProps<T>) {
  return (
    <fieldset>
      <legend className="mb-1 text-sm font-medium">{legend}</legend>
      <div className="border-line divide-line divide-y rounded-md border">
        {options.map((option) => (
          <label
            key={option.value}
            className={classes("flex cursor-pointer items-baseline gap-3 px-3 py-2", option.value === value && "bg-hover")}
          >
            <input
              type="radio"
              name={name}
              value={option.value}
              checked={option.value === value}
              onChange={() => onChange(option.value)}
              className="accent-accent translate-y-0.5"
            />
            <span className="w-20 shrink-0 font-medium">{option.name}</span>
            <span className="text-ink-2 text-sm">{option.does}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}
