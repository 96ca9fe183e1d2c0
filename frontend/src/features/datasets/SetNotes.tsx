// Notes of the check of a data set: images that were changed or left out.
import { plural } from "@/format/numbers";
import { Icon } from "@/ui/Icon";

export function SetNotes({ notes }: { notes: readonly string[] }) {
  return (
    <div className="border-line-strong bg-sunken flex gap-3 rounded-r-md border-l-2 px-4 py-2.5 text-sm">
      <Icon name="warning" className="mt-0.5 shrink-0" />
      <div className="min-w-0">
        <p className="font-medium">{plural(notes.length, "note")} from the check of this data set</p>
        <ul className="text-ink-2 mt-0.5 list-disc space-y-0.5 pl-4">
          {notes.map((note) => (
            <li key={note} className="break-words">
              {note}
            </li>
          ))}
        </ul>
      </div>
    </div>
  );
}
