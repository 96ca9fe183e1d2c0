// The dialog that asks for a purpose before original images are shown.
import { type SubmitEvent, useState } from "react";
import { Who } from "@/features/log/Who";
import { exact } from "@/format/dates";
import { plural } from "@/format/numbers";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { Field, TextInput } from "@/ui/Field";

const PURPOSES = [
  "To check the finding",
  "To inform the people concerned or their representatives",
  "To find the cause in the training",
] as const;

interface Props {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  images: number;
  deletedAt: string;
  /** Who reveals them, as the audit log says it. */
  who: string | undefined;
  onReveal: (purpose: string) => void;
}

export function RevealDialog({ open, onOpenChange, images, deletedAt, who, onReveal }: Props) {
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
      title="Reveal the images"
      description="These images are private training images, or were reconstructed from a release that was trained on them. State your purpose."
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
                {option === "other" ? "Another purpose" : option}
              </label>
            ))}
          </div>
        </fieldset>
        {chosen === "other" && (
          <Field label="Your purpose" className="mt-3">
            {(field) => <TextInput {...field} value={other} maxLength={200} onChange={(event) => setOther(event.target.value)} />}
          </Field>
        )}
        <ul className="text-ink-2 border-line mt-4 space-y-1 border-t pt-3 text-sm">
          <li>
            {plural(images, "image is", "images are")} shown, and any that you add to the grid, until you cover them again or leave
            this page.
          </li>
          <li>
            The audit log gets an entry for each one, with this purpose and who asked{who && <>: <Who actor={who} /></>}.
          </li>
          <li>They are not stored in this browser. The service deletes them on {exact(deletedAt)}, unless a legal hold covers them.</li>
        </ul>
        <div className="mt-5 flex gap-2">
          <Button type="submit" look="primary" disabled={purpose === ""}>
            Reveal and log
          </Button>
          <Button onClick={() => onOpenChange(false)}>Keep them covered</Button>
        </div>
      </form>
    </Dialog>
  );
}
