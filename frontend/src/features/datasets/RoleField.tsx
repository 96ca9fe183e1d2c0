// The role of a data set. None is chosen beforehand, because a wrong one shows private images to
// the attack.
import { useId } from "react";
import type { DataRole } from "@/api/model";
import { RoleMark } from "@/ui/Role";
import { classes } from "@/ui/classes";

interface Props {
  value: DataRole | null;
  onChange: (role: DataRole) => void;
  error: string | null | undefined;
}

const CHOSEN: Record<DataRole, string> = { public: "border-public border-2", private: "border-private border-2", gallery: "border-ink-3 border-2" };

export function RoleField({ value, onChange, error }: Props) {
  const note = useId();
  return (
    <fieldset aria-describedby={error ? note : undefined}>
      <legend className="mb-1.5 text-sm font-medium">Role</legend>
      <div className="grid gap-3 sm:grid-cols-2">
        {(["public", "private", "gallery"] as const).map((one) => (
          <label key={one} className={classes("flex cursor-pointer items-start gap-2.5 rounded-md px-3 py-2.5", one === value ? CHOSEN[one] : "border-line border")}>
            <input type="radio" name="role" checked={one === value} onChange={() => onChange(one)} className="accent-accent mt-1" />
            <RoleMark of={one} meaning />
          </label>
        ))}
      </div>
      {error && (
        <p id={note} className="mt-1 text-xs font-medium">
          {error}
        </p>
      )}
    </fieldset>
  );
}
