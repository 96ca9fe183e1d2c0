// One source: why its last check failed, the actions on it, and its latest revisions.
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import type { Source, SourceChange, Target } from "@/api/model";
import { changesQuery, type SourceAction, useChangeSource, useSourceAction } from "@/features/sources/queries";
import { SourceEditor } from "@/features/sources/SourceEditor";
import { Button } from "@/ui/Button";
import { CutText } from "@/ui/CutText";
import type { Column } from "@/ui/column";
import { DataTable } from "@/ui/DataTable";
import { Dialog } from "@/ui/Dialog";
import { Notice, ProblemDetails, ProblemNotice } from "@/ui/Notice";
import { When } from "@/ui/When";

/** Return what came of a revision that has no audit to open. */
function outcome({ problem, release_id, run_id }: SourceChange): string {
  if (problem) return problem.detail;
  if (release_id === null) return "Being fetched";
  return run_id ? "A release, and a run of the schedule" : "A release";
}

const COLUMNS: Column<SourceChange>[] = [
  { id: "revision", header: "Revision", rowHeader: true, className: "max-w-48 font-mono text-xs", cell: ({ revision }) => <CutText>{revision}</CutText> },
  { id: "outcome", header: "Became", className: "text-ink-2", cell: outcome },
  {
    id: "audit",
    header: "Audit",
    className: "whitespace-nowrap",
    cell: ({ audit_id }) =>
      audit_id ? (
        <Link to="/audits/$auditId" params={{ auditId: audit_id }} className="text-accent hover:underline">
          Open the audit
        </Link>
      ) : (
        "–"
      ),
  },
  { id: "written", header: "Written back", cell: ({ written_at }) => (written_at ? <When at={written_at} /> : "–") },
  { id: "found", header: "Found", align: "end", className: "text-ink-2", cell: ({ created_at }) => <When at={created_at} /> },
];

export function SourceDetails({ source, target }: { source: Source; target: Target }) {
  const changes = useQuery(changesQuery(source.id));
  const action = useSourceAction(source);
  const change = useChangeSource(source);
  const [editing, setEditing] = useState(false);
  const [deleting, setDeleting] = useState(false);
  const act = (name: SourceAction, words: string) => (
    <Button onClick={() => action.mutate(name)} disabled={action.isPending}>
      {words}
    </Button>
  );
  return (
    <div className="space-y-4 pl-5">
      {source.problem && (
        <Notice title={source.problem.title}>
          <ProblemDetails problem={source.problem} />
        </Notice>
      )}
      {action.isError && <ProblemNotice error={action.error} />}
      <div className="flex flex-wrap gap-2">
        {act("check", "Check now")}
        {source.active ? act("pause", "Pause") : act("resume", "Resume")}
        {!editing && <Button onClick={() => setEditing(true)}>Edit</Button>}
        <Button look="quiet" onClick={() => setDeleting(true)}>
          Delete
        </Button>
      </div>
      {editing && <SourceEditor target={target} source={source} onClose={() => setEditing(false)} />}
      <div>
        <h3 className="mb-1.5 text-sm font-medium">Latest revisions</h3>
        <DataTable
          caption={`Latest revisions of ${source.name}`}
          columns={COLUMNS}
          rows={changes.data ?? []}
          rowKey={({ id }) => id}
          empty={changes.isPending ? "Loading …" : "None since it is watched."}
          width="min-w-[38rem]"
        />
      </div>
      <Dialog open={deleting} onOpenChange={setDeleting} title={`Delete “${source.name}”?`} description="The address is no longer watched, and the list of its revisions is deleted. Its releases stay.">
        {change.isError && <ProblemNotice error={change.error} />}
        <div className="mt-5 flex gap-2">
          <Button look="primary" disabled={change.isPending} onClick={() => change.mutate(null, { onSuccess: () => setDeleting(false) })}>
            Delete the source
          </Button>
          <Button onClick={() => setDeleting(false)}>Keep it</Button>
        </div>
      </Dialog>
    </div>
  );
}
