// Who declared the right to audit, and how, as the audits of a release or a data set recorded it.
import { useInfiniteQuery } from "@tanstack/react-query";
import type { AuditSummary } from "@/api/model";
import { rowsOf } from "@/api/pages";
import { auditsUsingQuery, type Used } from "@/features/audits/AuditsUsing";
import { plural } from "@/format/numbers";
import type { Column } from "@/ui/column";
import { DataTable } from "@/ui/DataTable";
import { ProblemNotice } from "@/ui/Notice";
import { Loading } from "@/ui/Page";
import { When } from "@/ui/When";

interface Declaration {
  by: string;
  words: string;
  audits: number;
  newest: string;
}

/** Return each declaration once. `audits` are newest first. */
export function declarationsOf(audits: readonly AuditSummary[]): Declaration[] {
  const found = new Map<string, Declaration>();
  for (const { declared_by: by, declaration: words, created_at: newest } of audits) {
    const key = JSON.stringify([by, words]);
    const one = found.get(key);
    if (one) one.audits += 1;
    else found.set(key, { by, words, audits: 1, newest });
  }
  return [...found.values()];
}

const COLUMNS: Column<Declaration>[] = [
  { id: "by", header: "Declared by", rowHeader: true, cell: ({ by }) => by },
  { id: "words", header: "Declaration", className: "break-words", cell: ({ words }) => `“${words}”` },
  { id: "audits", header: "For", align: "end", className: "whitespace-nowrap", cell: ({ audits }) => plural(audits, "audit") },
  { id: "newest", header: "Last", align: "end", className: "text-ink-2", cell: ({ newest }) => <When at={newest} /> },
];

export function Rights({ projectId, used, what }: { projectId: string; used: Used; what: string }) {
  const audits = useInfiniteQuery(auditsUsingQuery(projectId, used));
  if (audits.isError && !audits.data) return <ProblemNotice error={audits.error} title="The declarations could not be loaded" />;
  if (audits.isPending) return <Loading what="declarations" />;
  const read = rowsOf(audits.data);
  return (
    <>
      <DataTable
        caption={`Declarations of the right to use this ${what}`}
        columns={COLUMNS}
        rows={declarationsOf(read)}
        rowKey={({ by, words }) => by + words}
        empty={`Rights are declared when an audit starts. No audit with this ${what} was started.`}
        width="min-w-[36rem]"
      />
      {audits.hasNextPage && <p className="text-ink-3 mt-2 text-sm">Those of the newest {plural(read.length, "audit")}. “Show older audits” adds more.</p>}
    </>
  );
}
