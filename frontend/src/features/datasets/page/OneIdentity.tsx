// A request of one person about a private data set: the name, then an export or an erasure.
import { useQuery } from "@tanstack/react-query";
import { useId, useState } from "react";
import type { DatasetInFull } from "@/api/model";
import { IdentityRequests } from "@/features/identities/IdentityRequests";
import { mayErase, mayExport } from "@/features/identities/requests";
import { sessionQuery } from "@/features/session/queries";
import { Field, TextInput } from "@/ui/Field";
import { Section } from "@/ui/Page";

const MOST = 50; // names that are proposed

/** Shows nothing for data sets without private images, and to who may neither export nor erase. */
export function OneIdentity({ dataset: { id, project_id: project, role, state, identities } }: { dataset: DatasetInFull }) {
  const { data: session } = useQuery(sessionQuery);
  const list = useId();
  const [typed, setTyped] = useState("");
  const [problem, setProblem] = useState<string | null>(null);
  const names = identities ?? [];
  const may = mayErase(session?.scopes) || mayExport(session?.scopes);
  if (role !== "private" || state !== "ready" || names.length === 0 || !may) return null;
  const name = typed.trim();
  const lacking = () => {
    const unknown = name === "" ? "Enter a name." : names.includes(name) ? null : "The data set does not have this name.";
    setProblem(unknown);
    return unknown !== null;
  };
  const alike = names.filter((one) => one.toLowerCase().includes(name.toLowerCase())).slice(0, MOST);
  return (
    <Section title="One identity">
      <p className="text-ink-2 mb-3 max-w-[68ch] text-sm">A person may ask what is held about them, and that it be erased. Both are logged. An erasure shows first what it would do.</p>
      <div className="flex max-w-2xl flex-wrap items-start gap-3">
        <Field label="Name" error={problem} className="min-w-56 flex-1">
          {(field) => (
            <TextInput
              {...field}
              list={list}
              value={typed}
              maxLength={200}
              autoComplete="off"
              onChange={(event) => {
                setTyped(event.target.value);
                setProblem(null);
              }}
            />
          )}
        </Field>
        <datalist id={list}>
          {alike.map((one) => (
            <option key={one} value={one} />
          ))}
        </datalist>
        <div className="flex gap-2 pt-6">
          <IdentityRequests named={{ project, dataset: id, name }} onLacking={lacking} onErased={() => setTyped("")} />
        </div>
      </div>
    </Section>
  );
}
