// The table of receipts. Each has a file that the service signed.
import type { Receipt } from "@/api/model";
import { attestationAddress } from "@/features/deletions/queries";
import { destroyedLines, kindWord } from "@/features/deletions/words";
import { Who } from "@/features/log/Who";
import { plural } from "@/format/numbers";
import type { Column } from "@/ui/column";
import { DataTable } from "@/ui/DataTable";
import { ProgressMark } from "@/ui/VerdictMark";
import { When } from "@/ui/When";

const COLUMNS: Column<Receipt>[] = [
  {
    id: "what",
    header: "Deleted",
    rowHeader: true,
    cell: ({ kind, subject, document: { name } }) => (
      <>
        <span className="text-ink-3">{kindWord(kind)} </span>
        <span className="font-medium" title={subject}>
          {name || subject}
        </span>
      </>
    ),
  },
  { id: "reason", header: "Reason", className: "max-w-72 break-words", cell: ({ document }) => document.reason },
  { id: "by", header: "By", className: "text-ink-2 min-w-40", cell: ({ document }) => <Who actor={document.deleted_by} /> },
  {
    id: "destroyed",
    header: "Destroyed",
    className: "text-ink-2 text-sm",
    cell: ({ document: { keys_destroyed, destroyed } }) => [plural(keys_destroyed, "key"), ...destroyedLines(destroyed)].join("; "),
  },
  {
    id: "files",
    header: "Files",
    className: "whitespace-nowrap",
    cell: ({ removed_at }) => <ProgressMark state={removed_at === null ? "running" : "succeeded"} words={removed_at === null ? "Being removed" : "Removed"} />,
  },
  { id: "at", header: "When", align: "end", className: "text-ink-2", cell: ({ document }) => <When at={document.deleted_at} /> },
  {
    id: "signed",
    header: "Signed receipt",
    align: "end",
    cell: ({ id, document: { name } }) => (
      <a href={attestationAddress(id)} download={`${id}.dsse.json`} className="text-accent hover:underline" aria-label={`Download the receipt of ${name || id}`}>
        Download
      </a>
    ),
  },
];

export function ReceiptTable({ rows }: { rows: readonly Receipt[] }) {
  return (
    <DataTable
      caption="Receipts of deletions in this project, newest first"
      columns={COLUMNS}
      rows={rows}
      rowKey={({ id }) => id}
      width="min-w-[60rem]"
    />
  );
}
