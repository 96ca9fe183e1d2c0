// The architecture of a release, and its description as JSON, under "Advanced".
import { useId, useState } from "react";
import { type Description, parseDescription } from "@/features/models/description";
import type { Preflight } from "@/features/models/preflight";
import { fieldId, type ReleaseForm, type ReleaseProblems } from "@/features/models/releaseForm";
import { Button } from "@/ui/Button";
import { Disclosure } from "@/ui/Disclosure";
import { Field, TextArea, TextInput } from "@/ui/Field";

interface Props {
  form: ReleaseForm;
  set: (change: Partial<ReleaseForm>) => void;
  problems: ReleaseProblems;
  found: Preflight | undefined;
  onDescription: (description: Description) => void;
}

export function DescriptionFields({ form, set, problems, found, onDescription }: Props) {
  const list = useId();
  const [text, setText] = useState("");
  const [wrong, setWrong] = useState<string | null>(null);
  const use = () => {
    const parsed = parseDescription(text);
    setWrong(parsed.ok ? null : parsed.problem);
    if (parsed.ok) onDescription(parsed.description);
  };
  return (
    <Disclosure
      title="Advanced"
      note={form.architecture === "" ? "Architecture: detected from the weights." : `Architecture: ${form.architecture}.`}
      problem={problems.architecture !== undefined || problems.hyperparameters !== undefined}
    >
      <div className="space-y-5">
        <div className="grid gap-4 sm:grid-cols-2">
          <Field id={fieldId("architecture")} label="Architecture" error={problems.architecture} help="For example timm/resnet18. Empty: detected from the weights.">
            {(field) => (
              <>
                <TextInput {...field} list={list} maxLength={200} spellCheck={false} value={form.architecture} onChange={(event) => set({ architecture: event.target.value })} />
                <datalist id={list}>
                  {(found?.proposals ?? []).map((one) => (
                    <option key={one.architecture} value={one.architecture} />
                  ))}
                </datalist>
              </>
            )}
          </Field>
          <Field id={fieldId("hyperparameters")} label="Hyper-parameters, JSON" error={problems.hyperparameters} help={'For example {"img_size": 64}. Empty if there are none.'}>
            {(field) => (
              <TextInput {...field} spellCheck={false} className="font-mono text-xs" value={form.hyperparameters} onChange={(event) => set({ hyperparameters: event.target.value })} />
            )}
          </Field>
        </div>
        <Field label="Description, JSON" error={wrong} help="Fills in the whole form, as exhume release upload --description does.">
          {(field) => <TextArea {...field} rows={5} spellCheck={false} className="font-mono text-xs" value={text} onChange={(event) => setText(event.target.value)} />}
        </Field>
        <Button onClick={use} disabled={text.trim() === ""}>
          Fill in the form
        </Button>
      </div>
    </Disclosure>
  );
}
