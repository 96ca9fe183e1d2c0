// What was checked around the attack: images found on both sides, and every input by its digest.
import type { DataRole, Result } from "@/api/model";
import { plural } from "@/format/numbers";
import { Digest } from "@/ui/Copy";
import { RoleMark } from "@/ui/Role";

interface Input {
  name: string;
  role?: DataRole;
}

/** A set's digest covers its images, labels, split and names; the digest of its pixels is that of the images alone. */
const INPUTS: Record<string, Input> = {
  checkpoint: { name: "Checkpoint" },
  public: { name: "Public images", role: "public" },
  public_images: { name: "Public images, pixels alone", role: "public" },
  private: { name: "Private images", role: "private" },
  private_images: { name: "Private images, pixels alone", role: "private" },
  gallery: { name: "Gallery", role: "gallery" },
  gallery_images: { name: "Gallery, pixels alone", role: "gallery" },
  twin: { name: "Twin" },
  power_reference: { name: "Model of the power check" },
  plan: { name: "Plan" },
  prior: { name: "Prior (the generator)" },
  students: { name: "Students" },
  reconstructions: { name: "Reconstructions, frozen" },
};
const ORDER = Object.keys(INPUTS);

const isDigest = (value: unknown): value is string => typeof value === "string" && /^(sha256:)?[0-9a-f]{32,}$/.test(value);

/** Whether private images were among the public ones, in a sentence; null when the document does not say. */
export function contaminationSentence(result: Result): string | null {
  if (!result.contamination) return null;
  const { compared, exact = 0, near = 0, alike = 0 } = result.contamination;
  if (!compared) return "Public and private images were not compared: there were no private images.";
  const [same, similar] = [exact, near + alike];
  if (same + similar === 0) return "No private image, and none like one, was found among the public images.";
  const found = [same > 0 ? plural(same, "private image") : "", similar > 0 ? plural(similar, "near-duplicate") : ""].filter(Boolean);
  return `Found among the public images and dropped before anything was trained: ${found.join(", ")}.`;
}

export function Contamination({ result }: { result: Result }) {
  const sentence = contaminationSentence(result);
  if (sentence === null) return null;
  return (
    <p className="text-ink-2 mt-6 max-w-[68ch] text-sm">
      <span className="text-ink font-medium">Contamination. </span>
      {sentence}
    </p>
  );
}

const PROMISES = {
  full: "in a full sandbox: without network, new processes, or files but its own",
  partial: "in a partial sandbox: that machine's kernel does not allow all of it",
  limits: "under limits on time and files alone: that machine's kernel has no sandbox",
};

/** How the checkpoint came in, in a sentence; null when the document does not say. */
export function intakeSentence(result: Result): string | null {
  const { format, sandbox, also_fits = [] } = result.intake ?? {};
  if (!sandbox) return null;
  const fits = also_fits.length > 0 ? ` Its weights fit ${also_fits.join(", ")} as well.` : "";
  return `The checkpoint${format ? ` (${format})` : ""} was opened ${PROMISES[sandbox]}.${fits}`;
}

export function Intake({ result }: { result: Result }) {
  const sentence = intakeSentence(result);
  if (sentence === null) return null;
  return (
    <p className="text-ink-2 mt-6 max-w-[68ch] text-sm">
      <span className="text-ink font-medium">Intake. </span>
      {sentence}
    </p>
  );
}

/** What was noticed on the way, such as images that were changed when they came in. */
export function Notes({ notes = [] }: { notes?: readonly string[] }) {
  if (notes.length === 0) return null;
  return (
    <div className="mt-6">
      <h3 className="text-sm font-medium">Notes</h3>
      <ul className="text-ink-2 mt-1 max-w-[68ch] list-disc space-y-1 pl-4 text-sm">
        {notes.map((note) => (
          <li key={note}>{note}</li>
        ))}
      </ul>
    </div>
  );
}

export function InputDigests({ inputs }: { inputs: Result["inputs"] }) {
  const rows = Object.entries(inputs)
    .filter(([, value]) => isDigest(value))
    .sort(([one], [other]) => place(one) - place(other));
  if (rows.length === 0) return null;
  return (
    <div className="mt-6">
      <h3 className="text-sm font-medium">Inputs, by digest</h3>
      <dl className="mt-1 grid grid-cols-1 gap-x-10 text-sm md:grid-cols-2">
        {rows.map(([id, value]) => {
          const { name, role } = INPUTS[id] ?? { name: id.replaceAll("_", " ") };
          return (
            <div key={id} className="border-line flex min-h-9 items-center justify-between gap-6 border-b">
              <dt className="text-ink-3">{role ? <RoleMark of={role} name={name} /> : name}</dt>
              <dd>
                <Digest digest={String(value)} />
              </dd>
            </div>
          );
        })}
      </dl>
    </div>
  );
}

const place = (id: string) => (ORDER.includes(id) ? ORDER.indexOf(id) : ORDER.length);
