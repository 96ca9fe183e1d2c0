// The sources of a target: places that are watched for new files.
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { NewSource, Source, Target } from "@/api/model";
import { sourcesQuery } from "@/features/sources/queries";
import { SourceDetails } from "@/features/sources/SourceDetails";
import { SourceEditor } from "@/features/sources/SourceEditor";
import { plural } from "@/format/numbers";
import { shellWord } from "@/format/shell";
import { Button } from "@/ui/Button";
import type { Column } from "@/ui/column";
import { CommandLine } from "@/ui/Copy";
import { CutText } from "@/ui/CutText";
import { DataTable } from "@/ui/DataTable";
import { Icon } from "@/ui/Icon";
import { ProblemNotice } from "@/ui/Notice";
import { Loading, Section } from "@/ui/Page";
import { Secret } from "@/ui/Secret";
import { ProgressMark } from "@/ui/VerdictMark";
import { When } from "@/ui/When";

const COLUMNS: Column<Source>[] = [
  { id: "address", header: "Address", className: "font-mono text-xs break-all", cell: ({ address }) => address },
  { id: "seen", header: "Last revision", className: "max-w-32 font-mono text-xs", cell: ({ seen }) => (seen ? <CutText>{seen}</CutText> : "–") },
  {
    id: "state",
    header: "State",
    className: "whitespace-nowrap",
    cell: ({ active, errors }) =>
      !active ? (
        <ProgressMark state="cancelled" words="Paused" />
      ) : errors > 0 ? (
        <ProgressMark state="failed" words={`${plural(errors, "failed check")} in a row`} />
      ) : (
        <ProgressMark state="succeeded" words="Watched" />
      ),
  },
  { id: "checked", header: "Checked", align: "end", className: "text-ink-2", cell: ({ checked_at }) => (checked_at ? <When at={checked_at} /> : "–") },
];

export function TargetSources({ target }: { target: Target }) {
  return <Sources key={target.id} target={target} />; // a form or a secret belongs to its target
}

function Sources({ target }: { target: Target }) {
  const sources = useQuery(sourcesQuery(target.project_id));
  const [opened, setOpened] = useState<string | undefined>();
  const [adding, setAdding] = useState(false);
  const [made, setMade] = useState<NewSource | null>(null);
  const rows = sources.data?.filter(({ target_id }) => target_id === target.id) ?? [];
  const name: Column<Source> = {
    id: "name",
    header: "Source",
    rowHeader: true,
    cell: ({ id, name }) => (
      <button
        type="button"
        onClick={() => setOpened(opened === id ? undefined : id)}
        aria-expanded={opened === id}
        className="inline-flex items-center gap-1.5 rounded align-bottom text-left font-medium"
      >
        <Icon name={opened === id ? "chevron" : "right"} className="text-ink-3 size-3.5 shrink-0" />
        {name}
      </button>
    ),
  };
  return (
    <Section title="Sources" aside={!adding && <Button onClick={() => setAdding(true)}>New source</Button>}>
      {made && <Secret title={`Webhooks that call ${made.webhook_path} need this secret. It is not shown again.`} text={made.webhook_secret} what="secret" />}
      {adding && (
        <SourceEditor
          target={target}
          onClose={() => setAdding(false)}
          onMade={(source) => {
            setMade(source);
            setAdding(false);
          }}
        />
      )}
      {sources.isPending && <Loading what="sources" />}
      {sources.isError && !sources.data && <ProblemNotice error={sources.error} title="The sources could not be loaded" />}
      {sources.data && rows.length === 0 && !adding && (
        <p className="text-ink-2 mb-3 max-w-[68ch] text-sm">
          No place is watched for this target. A new file in a watched registry, repository or bucket becomes a release by itself.
        </p>
      )}
      {rows.length > 0 && (
        <DataTable
          caption={`Sources of ${target.name}`}
          columns={[name, ...COLUMNS]}
          rows={rows}
          rowKey={({ id }) => id}
          details={(source) => opened === source.id && <SourceDetails source={source} target={target} />}
          width="min-w-[46rem]"
        />
      )}
      <div className="mt-4 max-w-2xl">
        <CommandLine command={`exhume source create candidates models:/NAME@candidate --target ${shellWord(target.name)} --description release.json`} />
      </div>
    </Section>
  );
}
