// Checks around the attack: duplicates of private images, intake of the checkpoint, digests of all
// inputs.
import type { DataRole, Result } from "@/api/model";
import { plural } from "@/format/numbers";
import { Digest } from "@/ui/Copy";
import { RoleMark } from "@/ui/Role";

interface Input {
  name: string;
  role?: DataRole;
}

/**
 * The digest of a data set covers its images, labels, split and names. `_images` covers the pixels
 * alone.
 */
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

/** Return a sentence on private images among the public ones. */
export function contaminationSentence({ contamination: { compared, exact, near, alike } }: Result): string {
  if (!compared) return "Public and private images were not compared, because there were no private images.";
  const [same, similar] = [exact, near + alike];
  if (same + similar === 0) return "No private image and no near-duplicate of one was found among the public images.";
  const found = [same > 0 ? plural(same, "private image") : "", similar > 0 ? plural(similar, "near-duplicate") : ""].filter(Boolean);
  return `Found among the public images and removed before training: ${found.join(", ")}.`;
}

export function Contamination({ result }: { result: Result }) {
  return (
    <p className="text-ink-2 mt-6 max-w-[68ch] text-sm">
      <span className="text-ink font-medium">Contamination. </span>
      {contaminationSentence(result)}
    </p>
  );
}

const PROMISES = {
  full: "in a full sandbox: without network, new processes or access to other files",
  partial: "in a partial sandbox, because the kernel of that machine does not support all of it",
  limits: "without a sandbox, under limits on time and files, because the kernel of that machine does not support one",
};

/** Return a sentence on how the checkpoint was opened. Null where the document does not say. */
export function intakeSentence(result: Result): string | null {
  const { format, sandbox, also_fits = [] } = result.intake ?? {};
  if (!sandbox) return null;
  const fits = also_fits.length > 0 ? ` Its weights also fit ${also_fits.join(", ")}.` : "";
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

/** Notes of the audit, such as changes to images at intake. */
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
