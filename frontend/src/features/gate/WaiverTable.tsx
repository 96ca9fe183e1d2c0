// The waivers of a target, with the actions on them.
import type { Release, Waiver } from "@/api/model";
import { useWaiverAction } from "@/features/gate/queries";
import { Button } from "@/ui/Button";
import type { Column } from "@/ui/column";
import { DataTable } from "@/ui/DataTable";
import { ProblemNotice } from "@/ui/Notice";
import { ProgressMark } from "@/ui/VerdictMark";
import { When } from "@/ui/When";

const STATES = {
  requested: { state: "queued", words: "Waits for approval" },
  approved: { state: "succeeded", words: "Approved" },
  expired: { state: "cancelled", words: "Expired" },
  ended: { state: "cancelled", words: "Ended" },
} as const;

export function WaiverTable({ caption, rows, releases }: { caption: string; rows: readonly Waiver[]; releases: readonly Release[] }) {
  const action = useWaiverAction();
  const version = (id: string) => releases.find((release) => release.id === id)?.version ?? "–";
  const columns: Column<Waiver>[] = [
    {
      id: "subject",
      header: "Waives",
      rowHeader: true,
      className: "font-medium whitespace-nowrap",
      cell: ({ rule, finding }) => rule ?? finding ?? "–",
    },
    { id: "release", header: "Release", className: "whitespace-nowrap", cell: ({ release_id }) => version(release_id) },
    { id: "state", header: "State", className: "whitespace-nowrap", cell: ({ state }) => <ProgressMark {...STATES[state]} /> },
    { id: "reason", header: "Reason", className: "min-w-52", cell: ({ reason }) => reason },
    {
      id: "by",
      header: "Asked and approved by",
      cell: ({ asked_by, approved_by }) => (approved_by ? `${asked_by}, ${approved_by}` : asked_by),
    },
    {
      id: "ends",
      header: "Ends",
      align: "end",
      className: "text-ink-2",
      cell: ({ expires_at, until_next_release }) => (
        <>
          <When at={expires_at} />
          {until_next_release && <span className="block text-xs whitespace-nowrap">or with a release</span>}
        </>
      ),
    },
    {
      id: "actions",
      header: <span className="sr-only">Actions</span>,
      align: "end",
      cell: ({ id, state, rule, finding }) =>
        (state === "requested" || state === "approved") && (
          <span className="inline-flex flex-col items-end">
            {state === "requested" && (
              <Button look="quiet" disabled={action.isPending} onClick={() => action.mutate({ id, action: "approve" })} aria-label={`Approve ${rule ?? finding ?? ""}`}>
                Approve
              </Button>
            )}
            <Button look="quiet" disabled={action.isPending} onClick={() => action.mutate({ id, action: "revoke" })} aria-label={`Revoke ${rule ?? finding ?? ""}`}>
              Revoke
            </Button>
          </span>
        ),
    },
  ];
  return (
    <>
      {action.isError && (
        <div className="mb-3 max-w-3xl">
          <ProblemNotice error={action.error} />
        </div>
      )}
      <DataTable caption={caption} columns={columns} rows={rows} rowKey={({ id }) => id} width="min-w-[54rem]" />
    </>
  );
}
