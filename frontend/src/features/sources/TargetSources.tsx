// The sources of a target: places that are watched for new files.
import { useInfiniteQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import type { NewSource, Source, Target } from "@/api/model";
import { SOURCE_CHOICES, validateTarget } from "@/features/sources/list";
import { searchedSourcesQuery } from "@/features/sources/queries";
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
import { Section } from "@/ui/Page";
import { SearchedList } from "@/ui/SearchedList";
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
  const { sources: q, sourceActive: active, sourceSort: sort } = validateTarget(useSearch({ from: "/signed-in/projects/$projectId/targets/$targetId" }));
  const navigate = useNavigate({ from: "/projects/$projectId/targets/$targetId" });
  const values = { q, active, sort };
  const sources = useInfiniteQuery(searchedSourcesQuery(target.project_id, target.id, values));
  const [opened, setOpened] = useState<string | undefined>();
  const [adding, setAdding] = useState(false);
  const [made, setMade] = useState<NewSource | null>(null);
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
      <SearchedList
        what="sources"
        list={sources}
        values={values}
        choices={SOURCE_CHOICES}
        onChange={(next) => void navigate({ search: { sources: next.q, sourceActive: next.active, sourceSort: next.sort }, replace: true, resetScroll: false })}
        barFrom={6}
        empty={
          !adding && (
            <p className="text-ink-2 mb-3 max-w-[68ch] text-sm">
              No place is watched for this target. A new file in a watched registry, repository or bucket becomes a release by itself.
            </p>
          )
        }
      >
        {(rows) => (
          <DataTable
            caption={`Sources of ${target.name}`}
            columns={[name, ...COLUMNS]}
            rows={rows}
            rowKey={({ id }) => id}
            details={(source) => opened === source.id && <SourceDetails source={source} target={target} />}
            width="min-w-[46rem]"
          />
        )}
      </SearchedList>
      <div className="mt-4 max-w-2xl">
        <CommandLine command={`exhume source create candidates models:/NAME@candidate --target ${shellWord(target.name)} --description release.json`} />
      </div>
    </Section>
  );
}
