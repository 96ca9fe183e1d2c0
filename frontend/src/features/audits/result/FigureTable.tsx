// Further figures of a result. None of them decides the verdict.
import type { Result } from "@/api/model";
import { figureColumns } from "@/features/audits/figureColumns";
import { otherFigures } from "@/features/audits/result/plotRows";
import type { Column } from "@/ui/column";
import { DataTable } from "@/ui/DataTable";

type Row = ReturnType<typeof otherFigures>[number];

const COLUMNS: Column<Row>[] = [
  {
    id: "name",
    header: "Also measured",
    rowHeader: true,
    cell: ({ label, figure }) => (
      <>
        {label}
        {figure.definition && <span className="text-ink-3 block text-xs">{figure.definition}</span>}
      </>
    ),
  },
  ...figureColumns<Row>(({ figure }) => figure),
];

export function FigureTable({ result }: { result: Result }) {
  const others = otherFigures(result);
  if (others.length === 0) return null;
  return (
    <DataTable
      caption="Other figures of this audit"
      columns={COLUMNS}
      rows={others}
      rowKey={({ key }) => key}
      rowProps={({ key }) => ({ "data-figure": key })}
      width="max-w-3xl"
      className="mt-6"
    />
  );
}
