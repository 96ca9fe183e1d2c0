// The table of entries of the audit log. Each row opens.
import { useState } from "react";
import type { LogEntry } from "@/api/model";
import { actionOf, detailsOf } from "@/features/log/entry";
import { Who } from "@/features/log/Who";
import { SubjectLink } from "@/features/projects/SubjectLink";
import { Digest } from "@/ui/Copy";
import { CutText } from "@/ui/CutText";
import type { Column } from "@/ui/column";
import { DataTable } from "@/ui/DataTable";
import { Icon } from "@/ui/Icon";
import { When } from "@/ui/When";

const SUMMARY = 2; // details in the closed row

export function LogTable({ projectId, rows }: { projectId: string; rows: readonly LogEntry[] }) {
  const [opened, setOpened] = useState<readonly number[]>([]);
  const toggle = (seq: number) => setOpened((old) => (old.includes(seq) ? old.filter((one) => one !== seq) : [...old, seq]));
  const columns: Column<LogEntry>[] = [
    {
      id: "action",
      header: "Action",
      rowHeader: true,
      className: "whitespace-nowrap",
      cell: (entry) => (
        <button
          type="button"
          onClick={() => toggle(entry.seq)}
          aria-expanded={opened.includes(entry.seq)}
          className="inline-flex items-center gap-1.5 rounded align-bottom text-left font-medium"
        >
          <Icon name={opened.includes(entry.seq) ? "chevron" : "right"} className="text-ink-3 size-3.5 shrink-0" />
          {actionOf(entry)}
        </button>
      ),
    },
    { id: "who", header: "Who", cell: ({ actor }) => <Who actor={actor} /> },
    { id: "subject", header: "Subject", cell: ({ subject }) => <SubjectLink projectId={projectId} id={subject} /> },
    {
      id: "details",
      header: "Details",
      className: "text-ink-2 max-w-96 text-sm",
      cell: (entry) => (
        <CutText>
          {detailsOf(entry)
            .slice(0, SUMMARY)
            .map(([name, value]) => `${name}: ${value}`)
            .join(", ")}
        </CutText>
      ),
    },
    { id: "at", header: "When", align: "end", className: "text-ink-2", cell: ({ at }) => <When at={at} /> },
  ];
  return (
    <DataTable
      caption="Audit log of this project, newest first"
      columns={columns}
      rows={rows}
      rowKey={({ seq }) => seq}
      details={(entry) => opened.includes(entry.seq) && <EntryDetails entry={entry} />}
      width="min-w-[56rem]"
    />
  );
}

function EntryDetails({ entry }: { entry: LogEntry }) {
  const facts: [string, string | null][] = [
    ["number", String(entry.seq)],
    ["subject", entry.subject],
    ...detailsOf(entry),
    ["address", entry.address],
    ["request", entry.request_id],
  ];
  return (
    <dl className="grid grid-cols-[max-content_minmax(0,1fr)] gap-x-6 gap-y-1 pl-5 text-sm">
      <Fact name="time">
        <When at={entry.at} absolute />
      </Fact>
      {facts.map(([name, value]) => value !== null && <Fact key={name} name={name}>{value}</Fact>)}
      <Fact name="hash">
        <Digest digest={entry.hash} />
      </Fact>
      <Fact name="hash before it">
        <Digest digest={entry.previous_hash} />
      </Fact>
    </dl>
  );
}

function Fact({ name, children }: { name: string; children: React.ReactNode }) {
  return (
    <>
      <dt className="text-ink-3">{name}</dt>
      <dd className="min-w-0 break-words">{children}</dd>
    </>
  );
}
