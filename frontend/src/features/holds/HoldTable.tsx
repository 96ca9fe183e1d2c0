// The table of legal holds. Released ones stay in it.
import { useState } from "react";
import type { Hold } from "@/api/model";
import { useReleaseHold } from "@/features/holds/queries";
import { Who } from "@/features/log/Who";
import { SubjectLink } from "@/features/projects/SubjectLink";
import { Button } from "@/ui/Button";
import type { Column } from "@/ui/column";
import { DataTable } from "@/ui/DataTable";
import { Dialog } from "@/ui/Dialog";
import { ProblemNotice } from "@/ui/Notice";
import { When } from "@/ui/When";

interface Props {
  projectId: string;
  rows: readonly Hold[];
  /** Whether the signed-in person may release holds. */
  mayRelease: boolean;
}

export function HoldTable({ projectId, rows, mayRelease }: Props) {
  const [releasing, setReleasing] = useState<Hold | null>(null);
  const release = useReleaseHold(projectId);
  const ask = (hold: Hold) => {
    release.reset(); // a problem with another hold
    setReleasing(hold);
  };
  const columns: Column<Hold>[] = [
    {
      id: "subject",
      header: "Must be kept",
      rowHeader: true,
      cell: ({ subject }) => (subject === projectId ? "Everything in this project" : <SubjectLink projectId={projectId} id={subject} />),
    },
    { id: "reason", header: "Reason", className: "max-w-96 break-words", cell: ({ reason }) => reason },
    { id: "by", header: "Placed by", className: "text-ink-2", cell: ({ placed_by }) => <Who actor={placed_by} /> },
    { id: "placed", header: "Placed", align: "end", className: "text-ink-2", cell: ({ created_at }) => <When at={created_at} /> },
    {
      id: "state",
      header: "State",
      cell: ({ released_at, released_by }) =>
        released_at === null ? (
          <span className="font-medium">In force</span>
        ) : (
          <span className="text-ink-2">
            Released <When at={released_at} /> by <Who actor={released_by ?? ""} />
          </span>
        ),
    },
    {
      id: "actions",
      header: <span className="sr-only">Actions</span>,
      align: "end",
      cell: (hold) =>
        mayRelease &&
        hold.released_at === null && (
          <Button look="quiet" onClick={() => ask(hold)} aria-label={`Release the hold: ${hold.reason}`}>
            Release
          </Button>
        ),
    },
  ];
  return (
    <>
      <DataTable
        caption="Legal holds of this project"
        columns={columns}
        rows={rows}
        rowKey={({ id }) => id}
        empty="None."
        width="min-w-[52rem]"
      />
      <Dialog
        open={releasing !== null}
        onOpenChange={() => setReleasing(null)}
        title="Release this hold?"
        description="What it covered can be deleted again, by a person and at the end of its retention. The audit log records who released it."
      >
        {release.isError && (
          <div className="mt-4">
            <ProblemNotice error={release.error} />
          </div>
        )}
        <div className="mt-5 flex gap-2">
          <Button
            look="primary"
            disabled={release.isPending}
            onClick={() => releasing && release.mutate(releasing.id, { onSuccess: () => setReleasing(null) })}
          >
            Release the hold
          </Button>
          <Button onClick={() => setReleasing(null)}>Keep it</Button>
        </div>
      </Dialog>
    </>
  );
}
