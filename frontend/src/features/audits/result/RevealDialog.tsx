// Asks why somebody looks before any face is shown, and says what is logged and for how long pictures exist.
import { type SubmitEvent, useState } from "react";
import { exact } from "@/format/dates";
import { plural } from "@/format/numbers";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { Field, TextInput } from "@/ui/Field";

const PURPOSES = [
  "To check that the finding is right",
  "To inform the people concerned or who decides for them",
  "To find out what in the training caused it",
] as const;

interface Props {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  pictures: number;
  deletedAt: string;
  /** As the audit log names whoever is signed in. */
  who: string | undefined;
  onReveal: (purpose: string) => void;
}

export function RevealDialog({ open, onOpenChange, pictures, deletedAt, who, onReveal }: Props) {
  const [chosen, setChosen] = useState<string>(PURPOSES[0]);
  const [other, setOther] = useState("");
  const purpose = chosen === "other" ? other.trim() : chosen;
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    if (purpose) onReveal(purpose);
  };
  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      title="Reveal the pictures"
      description="These pictures show, or were made from, private training images. Say why you look."
    >
      <form onSubmit={submit} className="mt-4">
        <fieldset>
          <legend className="mb-1.5 text-sm font-medium">Purpose</legend>
          <div className="space-y-1.5">
            {[...PURPOSES, "other"].map((option) => (
              <label key={option} className="flex cursor-pointer items-start gap-2">
                <input
                  type="radio"
                  name="purpose"
                  value={option}
                  checked={chosen === option}
                  onChange={() => setChosen(option)}
                  className="accent-accent mt-1"
                />
                {option === "other" ? "Something else" : option}
              </label>
            ))}
          </div>
        </fieldset>
        {chosen === "other" && (
          <Field label="In a few words" className="mt-3">
            {(field) => <TextInput {...field} value={other} maxLength={200} onChange={(event) => setOther(event.target.value)} />}
          </Field>
        )}
        <ul className="text-ink-2 border-line mt-4 space-y-1 border-t pt-3 text-sm">
          <li>
            {plural(pictures, "picture is", "pictures are")} shown, and any you add to the grid, until you blur them again or leave
            this page.
          </li>
          <li>
            Each one is written to the audit log with this purpose and the name of {who ? `your session or key, “${who}”` : "your session or key"}.
          </li>
          <li>They are not kept in this browser, and are deleted from the service on {exact(deletedAt)}.</li>
        </ul>
        <div className="mt-5 flex gap-2">
          <Button type="submit" look="primary" disabled={purpose === ""}>
            Reveal and log
          </Button>
          <Button onClick={() => onOpenChange(false)}>Leave them blurred</Button>
        </div>
      </form>
    </Dialog>
  );
}
