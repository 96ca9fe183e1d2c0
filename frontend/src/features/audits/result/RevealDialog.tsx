// The dialog that asks whose images are shown, and for which purpose. Nothing is chosen beforehand.
import { type SubmitEvent, useId, useState } from "react";
import { Who } from "@/features/log/Who";
import { exact } from "@/format/dates";
import { plural } from "@/format/numbers";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { Field, Select, TextInput } from "@/ui/Field";

const PURPOSES = [
  "To check the finding",
  "To inform the people concerned or their representatives",
  "To find the cause in the training",
] as const;

const OTHER = "other";
const ALL = "all";

/** Somebody whose images can be shown alone. */
export interface Revealable {
  identity: number;
  name: string;
  images: number;
}

interface FormProps {
  images: number;
  /** They are on one sheet, which has one entry in the audit log. */
  sheet?: boolean;
  /** When the service deletes them. Null: with what they belong to. */
  deletedAt: string | null;
  /** What they belong to, if they have no date of their own. */
  keptWith?: string;
  /** Who reveals them, as the audit log says it. */
  who: string | undefined;
  /** Those that are shown. Left out where there is one only. */
  people?: readonly Revealable[];
  /** `only`: the identity whose images are shown. Null: all of them. */
  onReveal: (purpose: string, only: number | null) => void;
}

interface Props extends FormProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  description?: string;
}

const OF_AN_AUDIT = "These images are private training images, or were reconstructed from a release that was trained on them.";

export function RevealDialog({ open, onOpenChange, description = OF_AN_AUDIT, ...rest }: Props) {
  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      title="Reveal the images"
      description={`${description} State your purpose.`}
    >
      {/* Its state ends with the dialog, so that no earlier purpose is chosen the next time. */}
      <RevealForm {...rest} onKeep={() => onOpenChange(false)} />
    </Dialog>
  );
}

function RevealForm({ images, sheet = false, deletedAt, keptWith = "data set", who, people = [], onReveal, onKeep }: FormProps & { onKeep: () => void }) {
  const note = useId();
  const [whose, setWhose] = useState(people.length > 1 ? "" : ALL);
  const [chosen, setChosen] = useState<string | null>(null);
  const [other, setOther] = useState("");
  const [tried, setTried] = useState(false);
  const purpose = chosen === OTHER ? other.trim() : (chosen ?? "");
  const one = people.find(({ identity }) => String(identity) === whose);
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    setTried(true);
    if (purpose !== "" && whose !== "") onReveal(purpose, one?.identity ?? null);
  };
  const many = (one?.images ?? images) !== 1;
  return (
    <form onSubmit={submit} noValidate className="mt-4">
      {people.length > 1 && (
        <Field label="Show" className="mb-4" error={tried && whose === "" ? "Choose whose images to show." : null}>
          {(field) => (
            <Select {...field} value={whose} onChange={(event) => setWhose(event.target.value)}>
              <option value="">Choose one, or all</option>
              {people.map(({ identity, name }) => (
                <option key={identity} value={identity}>
                  {name}
                </option>
              ))}
              <option value={ALL}>All {people.length} in the line-up</option>
            </Select>
          )}
        </Field>
      )}
      <fieldset aria-describedby={tried && chosen === null ? note : undefined}>
        <legend className="mb-1.5 text-sm font-medium">Purpose</legend>
        <div className="space-y-1.5">
          {[...PURPOSES, OTHER].map((option) => (
            <label key={option} className="flex cursor-pointer items-start gap-2">
              <input
                type="radio"
                name="purpose"
                value={option}
                checked={chosen === option}
                onChange={() => setChosen(option)}
                className="accent-accent mt-1"
              />
              {option === OTHER ? "Another purpose" : option}
            </label>
          ))}
        </div>
        {tried && chosen === null && (
          <p id={note} className="mt-1 text-xs font-medium">
            Choose a purpose.
          </p>
        )}
      </fieldset>
      {chosen === OTHER && (
        <Field label="Your purpose" className="mt-3" error={tried && purpose === "" ? "Enter a purpose." : null}>
          {(field) => <TextInput {...field} value={other} maxLength={200} onChange={(event) => setOther(event.target.value)} />}
        </Field>
      )}
      <ul className="text-ink-2 border-line mt-4 space-y-1 border-t pt-3 text-sm">
        {whose !== "" && (
          <li>
            {plural(one?.images ?? images, "image is", "images are")} shown{whose === ALL && people.length > 1 && ", and any that you add to the grid"}, until
            you cover {many ? "them" : "it"} again or leave this page.
          </li>
        )}
        <li>
          The audit log gets {sheet ? "one entry for the sheet" : "an entry for each one"}, with this purpose and who asked{who && <>: <Who actor={who} /></>}.
        </li>
        <li>
          They are not stored in this browser.{" "}
          {deletedAt === null ? `The service keeps them until the ${keptWith} is deleted.` : `The service deletes them on ${exact(deletedAt)}, unless a legal hold covers them.`}
        </li>
      </ul>
      <div className="mt-5 flex gap-2">
        <Button type="submit" look="primary">
          Reveal and log
        </Button>
        <Button onClick={onKeep}>Keep them covered</Button>
      </div>
    </form>
  );
}
