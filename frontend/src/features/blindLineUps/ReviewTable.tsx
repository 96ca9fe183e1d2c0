// Who reviews a blind line-up, and how far they are.
import type { BlindLineUp } from "@/api/model";
import { Who } from "@/features/log/Who";
import { count } from "@/format/numbers";
import type { Column } from "@/ui/column";
import { DataTable } from "@/ui/DataTable";
import { When } from "@/ui/When";

type Row = BlindLineUp["reviews"][number];

export function ReviewTable({ lineUp }: { lineUp: BlindLineUp }) {
  const columns: Column<Row>[] = [
    { id: "name", header: "Reviewer", rowHeader: true, cell: ({ name }) => <Who actor={name} /> },
    { id: "answered", header: "Answered", align: "end", cell: ({ answered }) => `${count(answered)} of ${count(lineUp.items)}` },
    { id: "begun", header: "Begun", cell: ({ begun_at }) => <When at={begun_at} /> },
    { id: "finished", header: "Finished", cell: ({ finished_at }) => (finished_at ? <When at={finished_at} /> : <span className="text-ink-3">not yet</span>) },
  ];
  return <DataTable caption="Reviews" columns={columns} rows={lineUp.reviews} rowKey={({ name }) => name} empty="Nobody has begun a review." width="max-w-3xl" />;
}
