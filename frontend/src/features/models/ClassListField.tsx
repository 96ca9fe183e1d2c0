// The names of the classes: typed, or read from a file.
import { useState } from "react";
import { namesOfFile, namesOfLines } from "@/features/models/classList";
import { fieldId } from "@/features/models/releaseForm";
import { Field, TextArea } from "@/ui/Field";
import { FileField } from "@/ui/FileField";

interface Props {
  value: string;
  onChange: (classes: string) => void;
  outputs: number | null;
  /** The checkpoint states these names. */
  fromFile: boolean;
  error: string | undefined;
}

export function ClassListField({ value, onChange, outputs, fromFile, error }: Props) {
  const [file, setFile] = useState<File | null>(null);
  const [unread, setUnread] = useState<string | null>(null);
  const listed = namesOfLines(value);
  const read = (chosen: File | null) => {
    setFile(chosen);
    setUnread(null);
    void chosen?.text().then((text) => {
      const found = namesOfFile(chosen.name, text);
      if (found.ok) onChange(found.names.join("\n"));
      else setUnread(found.problem);
    });
  };
  const count = listed.ok ? `${listed.names.length} names${outputs === null ? "" : ` for ${outputs} outputs`}.` : outputs === null ? "" : `${outputs} names are needed.`;
  return (
    <div className="grid gap-4 sm:grid-cols-2">
      <Field
        id={fieldId("classes")}
        label="Classes"
        error={error}
        help={[count, fromFile ? "Read from the checkpoint. Check the order." : "One per line, in the order of the outputs."].filter(Boolean).join(" ")}
      >
        {(field) => <TextArea {...field} rows={5} spellCheck={false} value={value} onChange={(event) => onChange(event.target.value)} />}
      </Field>
      <FileField
        label="Or a file of class names"
        accept=".txt,.csv,.tsv,.json"
        help=".txt with one name per line, .csv, or .json such as id2label or class_to_idx."
        file={file}
        onChange={read}
        error={unread}
      />
    </div>
  );
}
