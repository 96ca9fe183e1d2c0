// Fields for the origin of a file: this machine, or an address that the service fetches it from.
import { Field, TextInput } from "@/ui/Field";

export interface Origin {
  by: "file" | "address";
  address: string;
  sha256: string;
}

export const FROM_FILE: Origin = { by: "file", address: "", sha256: "" };
const DIGEST = /^[0-9a-f]{64}$/i;

/** Return the problems of the fields of an address. */
export function problemsOf(origin: Origin): { address: string | null; sha256: string | null } {
  return {
    address: origin.address.trim() === "" ? "Enter an address." : null,
    sha256: origin.sha256.trim() !== "" && !DIGEST.test(origin.sha256.trim()) ? "Enter 64 hexadecimal digits, or leave it empty." : null,
  };
}

interface Props {
  hosts: readonly string[];
  origin: Origin;
  onChange: (origin: Origin) => void;
  tried: boolean;
  example: string;
}

export function AddressFields({ hosts, origin, onChange, tried, example }: Props) {
  const problems = problemsOf(origin);
  return (
    <>
      <fieldset className="flex flex-wrap gap-x-6 gap-y-1 text-sm">
        <legend className="mb-1 font-medium">From</legend>
        {(["file", "address"] as const).map((by) => (
          <label key={by} className="flex items-center gap-2">
            <input type="radio" name="origin" checked={origin.by === by} onChange={() => onChange({ ...origin, by })} className="accent-accent" />
            {by === "file" ? "This machine" : "An address"}
          </label>
        ))}
      </fieldset>
      {origin.by === "address" && (
        <>
          <Field
            label="Address"
            help={
              <>
                For example <code className="font-mono">{example}</code>. Allowed hosts: {hosts.join(", ")}. The address is stored and shown, so it must not contain
                credentials.
              </>
            }
            error={tried ? problems.address : null}
          >
            {(field) => (
              <TextInput {...field} spellCheck={false} maxLength={1000} value={origin.address} onChange={(event) => onChange({ ...origin, address: event.target.value })} />
            )}
          </Field>
          <Field label="SHA-256" help="Optional. A file with another SHA-256 is rejected." error={tried ? problems.sha256 : null}>
            {(field) => (
              <TextInput
                {...field}
                spellCheck={false}
                maxLength={64}
                value={origin.sha256}
                onChange={(event) => onChange({ ...origin, sha256: event.target.value })}
                className="font-mono text-xs"
              />
            )}
          </Field>
        </>
      )}
    </>
  );
}
