// One schedule: its next due times, its latest runs, and the actions on it.
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import type { Schedule, ScheduleRun } from "@/api/model";
import { datasetsQuery } from "@/features/datasets/queries";
import { targetsQuery } from "@/features/models/queries";
import { DueTimes } from "@/features/schedules/DueTimes";
import { previewQuery, runsQuery, type ScheduleAction, useScheduleAction } from "@/features/schedules/queries";
import { runState, runWords } from "@/features/schedules/runs";
import { ScheduleEditor } from "@/features/schedules/ScheduleEditor";
import { exact } from "@/format/dates";
import { Button } from "@/ui/Button";
import type { Column } from "@/ui/column";
import { DataTable } from "@/ui/DataTable";
import { Dialog } from "@/ui/Dialog";
import { Notice, ProblemDetails, ProblemNotice } from "@/ui/Notice";
import { ProgressMark } from "@/ui/VerdictMark";

const COLUMNS: Column<ScheduleRun>[] = [
  { id: "due", header: "Due", rowHeader: true, className: "whitespace-nowrap", cell: ({ due_at }) => <time dateTime={due_at}>{exact(due_at)}</time> },
  { id: "state", header: "Run", className: "whitespace-nowrap", cell: (run) => <ProgressMark {...runState(run)} /> },
  { id: "reason", header: "Reason", className: "text-ink-2 min-w-56", cell: (run) => runWords(run) },
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
];

export function ScheduleDetails({ schedule }: { schedule: Schedule }) {
  const preview = useQuery(previewQuery(schedule));
  const runs = useQuery(runsQuery(schedule.id));
  const action = useScheduleAction(schedule);
  const [deleting, setDeleting] = useState(false);
  const [editing, setEditing] = useState(false);
  const act = (name: ScheduleAction, words: string) => (
    <Button onClick={() => action.mutate(name)} disabled={action.isPending}>
      {words}
    </Button>
  );
  return (
    <div className="space-y-5 pl-5">
      {schedule.problem && (
        <Notice title={schedule.problem.title}>
          <ProblemDetails problem={schedule.problem} />
        </Notice>
      )}
      {action.isError && <ProblemNotice error={action.error} />}
      <div className="flex flex-wrap gap-2">
        {act("run", "Run now")}
        {schedule.active ? act("pause", "Pause") : act("resume", "Resume")}
        {!editing && <Button onClick={() => setEditing(true)}>Edit</Button>}
        <Button look="quiet" onClick={() => setDeleting(true)}>
          Delete
        </Button>
      </div>
      {editing && <Editing schedule={schedule} onClose={() => setEditing(false)} />}
      <div className="grid gap-6 lg:grid-cols-[minmax(0,20rem)_minmax(0,1fr)]">
        <div>
          <h2 className="mb-1.5 text-sm font-medium">Next due times</h2>
          {schedule.active && preview.data ? <DueTimes preview={preview.data} /> : <p className="text-ink-3 text-sm">{schedule.active ? "Loading …" : "None while it is paused."}</p>}
        </div>
        <div className="min-w-0">
          <h2 className="mb-1.5 text-sm font-medium">Latest runs</h2>
          <DataTable caption={`Latest runs of ${schedule.name}`} columns={COLUMNS} rows={runs.data ?? []} rowKey={({ id }) => id} empty={runs.isPending ? "Loading …" : "None yet."} width="min-w-[30rem]" />
        </div>
      </div>
      <Dialog
        open={deleting}
        onOpenChange={setDeleting}
        title={`Delete “${schedule.name}”?`}
        description="No more audits are started by it, and the list of its runs is deleted. Its audits stay."
      >
        <div className="mt-5 flex gap-2">
          <Button look="primary" disabled={action.isPending} onClick={() => action.mutate("delete", { onSuccess: () => setDeleting(false) })}>
            Delete the schedule
          </Button>
          <Button onClick={() => setDeleting(false)}>Keep it</Button>
        </div>
      </Dialog>
    </div>
  );
}

function Editing({ schedule, onClose }: { schedule: Schedule; onClose: () => void }) {
  const targets = useQuery(targetsQuery(schedule.project_id));
  const datasets = useQuery(datasetsQuery(schedule.project_id));
  if (!targets.data || !datasets.data) return <p className="text-ink-3 text-sm">Loading …</p>;
  return <ScheduleEditor projectId={schedule.project_id} targets={targets.data} datasets={datasets.data} schedule={schedule} onClose={onClose} onDone={onClose} />;
}
