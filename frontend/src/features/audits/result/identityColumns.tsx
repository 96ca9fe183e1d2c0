// The columns of the identity table: figures of the service, under the verifier that decides.
import { createColumnHelper, type RowData } from "@tanstack/react-table";
import type { IdentityOutcome } from "@/api/model";
import { strength } from "@/features/audits/result/exposure";
import { decimal } from "@/format/numbers";
import { Icon } from "@/ui/Icon";
import { Term } from "@/ui/Term";

declare module "@tanstack/react-table" {
  interface ColumnMeta<TData extends RowData, TValue> {
    number?: boolean;
    words: string;
    of?: (row: TData) => TValue;
  }
}

const column = createColumnHelper<IdentityOutcome>();

function YesNo({ value, yes = "yes", no = "no" }: { value: boolean | null; yes?: string; no?: string }) {
  if (value === null) return <span className="text-ink-3">–</span>;
  return (
    <span className={`inline-flex items-center gap-1.5 align-bottom ${value ? "text-ink font-medium" : "text-ink-3"}`}>
      <Icon name={value ? "check" : "cross"} className="size-3.5 shrink-0" />
      {value ? yes : no}
    </span>
  );
}

export const IDENTITY_COLUMNS = [
  column.accessor("name", {
    header: "Name",
    meta: { words: "Name" },
    cell: ({ getValue }) => <span className="font-medium">{getValue()}</span>,
    sortingFn: "alphanumeric",
  }),
  column.accessor((row) => row.verified, {
    id: "verified",
    header: () => <Term name="verified">Verified</Term>,
    meta: { words: "Verified" },
    cell: ({ getValue }) => <YesNo value={getValue()} yes="recognised" no="no" />,
    sortDescFirst: true,
  }),
  column.accessor((row) => strength(row) ?? undefined, {
    id: "strength",
    header: () => <Term name="strength">Likeness</Term>,
    meta: { words: "Likeness", number: true },
    cell: ({ getValue }) => getValue()?.toFixed(1) ?? "–",
    sortUndefined: "last",
    sortDescFirst: true,
  }),
  column.accessor((row) => row.similarity ?? undefined, {
    id: "similarity",
    header: () => <Term name="similarity">Similarity</Term>,
    meta: { words: "Similarity", number: true },
    cell: ({ getValue }) => decimal(getValue()),
    sortUndefined: "last",
    sortDescFirst: true,
  }),
  column.accessor((row) => row.threshold ?? undefined, {
    id: "threshold",
    header: () => <Term name="threshold">Threshold</Term>,
    meta: { words: "Threshold", number: true },
    cell: ({ getValue }) => decimal(getValue()),
    sortUndefined: "last",
  }),
  column.accessor((row) => row.rank ?? undefined, {
    id: "rank",
    header: "Rank",
    meta: { words: "Rank", number: true },
    cell: ({ getValue }) => getValue() ?? "–",
    sortUndefined: "last",
  }),
  column.accessor((row) => row.verifier ?? undefined, {
    id: "verifier",
    header: () => <Term name="deciding">Decided by</Term>,
    meta: { words: "Decided by" },
    cell: ({ getValue }) => <span className="text-ink-2 text-xs">{getValue() ?? "–"}</span>,
    sortUndefined: "last",
  }),
  column.accessor("control_verified", {
    id: "control",
    header: () => <Term name="control">Control</Term>,
    meta: { words: "Control" },
    cell: ({ getValue }) => <YesNo value={getValue()} yes="too" no="no" />,
    sortDescFirst: true,
  }),
  column.accessor("evaluator_top1", {
    id: "evaluator",
    header: () => <Term name="uncalibrated">Evaluator</Term>,
    meta: { words: "Evaluator" },
    cell: ({ getValue }) => <YesNo value={getValue()} />,
    sortDescFirst: true,
  }),
  column.accessor("target_top1", {
    id: "target",
    header: "Model itself",
    meta: { words: "Model itself" },
    cell: ({ getValue }) => <YesNo value={getValue()} />,
    sortDescFirst: true,
  }),
];

/** Identities as CSV: what the table shows, in full precision. */
export function identityCsv(rows: readonly IdentityOutcome[]) {
  return {
    header: ["identity", "name", "verified", "likeness", "similarity", "threshold", "rank", "verifier", "control_verified", "evaluator_top1", "evaluator_top5", "target_top1"],
    body: rows.map((row) => [
      row.identity,
      row.name,
      row.verified,
      strength(row),
      row.similarity,
      row.threshold,
      row.rank,
      row.verifier,
      row.control_verified,
      row.evaluator_top1,
      row.evaluator_top5,
      row.target_top1,
    ]),
  };
}
