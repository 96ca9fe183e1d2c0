// The table of signed-in browsers.
import type { OpenSession } from "@/api/model";
import { METHODS } from "@/features/account/methods";
import { useEndSession } from "@/features/account/queries";
import { Who } from "@/features/log/Who";
import { Button } from "@/ui/Button";
import type { Column } from "@/ui/column";
import { DataTable } from "@/ui/DataTable";
import { ProblemNotice } from "@/ui/Notice";
import { When } from "@/ui/When";

export function SessionTable({ caption, rows }: { caption: string; rows: readonly OpenSession[] }) {
  const end = useEndSession();
  const columns: Column<OpenSession>[] = [
    { id: "who", header: "Who", rowHeader: true, cell: ({ subject }) => <Who actor={subject} /> },
    { id: "method", header: "Signed in with", cell: ({ method }) => METHODS[method] },
    { id: "address", header: "Address", className: "text-ink-2 font-mono text-xs", cell: ({ address }) => address ?? "–" },
    { id: "begun", header: "Signed in", align: "end", className: "text-ink-2", cell: ({ created_at }) => <When at={created_at} /> },
    { id: "ends", header: "Ends", align: "end", className: "text-ink-2", cell: ({ expires_at }) => <When at={expires_at} /> },
    {
      id: "actions",
      header: <span className="sr-only">Actions</span>,
      align: "end",
      cell: ({ id, subject, address, present }) =>
        present ? (
          <span className="text-ink-3">this browser</span>
        ) : (
          <Button look="quiet" disabled={end.isPending} onClick={() => end.mutate(id)} aria-label={`End the session of ${subject} from ${address ?? "an unknown address"}`}>
            End
          </Button>
        ),
    },
  ];
  return (
    <>
      {end.isError && <ProblemNotice error={end.error} />}
      <DataTable caption={caption} columns={columns} rows={rows} rowKey={({ id }) => id} empty="None." width="min-w-[44rem]" />
    </>
  );
}
