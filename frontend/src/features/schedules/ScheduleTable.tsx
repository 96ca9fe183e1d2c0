// The table of schedules. Each row opens.
import type { Schedule } from "@/api/model";
import { ScheduleDetails } from "@/features/schedules/ScheduleDetails";
import { plural } from "@/format/numbers";
import type { Column } from "@/ui/column";
import { DataTable } from "@/ui/DataTable";
import { Icon } from "@/ui/Icon";
import { ProgressMark } from "@/ui/VerdictMark";
import { When } from "@/ui/When";

const COLUMNS: Column<Schedule>[] = [
  { id: "reads", header: "When", cell: ({ reads }) => reads },
  { id: "zone", header: "Time zone", className: "text-ink-2 whitespace-nowrap", cell: ({ timezone }) => timezone },
  { id: "state", header: "State", cell: (schedule) => <ScheduleState schedule={schedule} /> },
  { id: "next", header: "Next run", align: "end", cell: ({ next_at }) => (next_at ? <When at={next_at} /> : "–") },
  { id: "last", header: "Last due", align: "end", className: "text-ink-2", cell: ({ last_due_at }) => (last_due_at ? <When at={last_due_at} /> : "–") },
];

export function ScheduleState({ schedule: { active, failures, problem } }: { schedule: Schedule }) {
  if (!active) return <ProgressMark state="cancelled" words={problem ? "Paused by the service" : "Paused"} />;
  if (failures > 0) return <ProgressMark state="failed" words={`${plural(failures, "failed run")} in a row`} />;
  return <ProgressMark state="succeeded" words="Active" />;
}

interface Props {
  caption: string;
  rows: readonly Schedule[];
  /** Names of targets by id. Left out where all rows have one target. */
  targets?: ReadonlyMap<string, string>;
  opened: string | undefined;
  onOpen: (id: string | undefined) => void;
}

export function ScheduleTable({ caption, rows, targets, opened, onOpen }: Props) {
  const name: Column<Schedule> = {
    id: "name",
    header: "Schedule",
    rowHeader: true,
    cell: ({ id, name }) => (
      <button
        type="button"
        onClick={() => onOpen(opened === id ? undefined : id)}
        aria-expanded={opened === id}
        className="inline-flex items-center gap-1.5 rounded align-bottom text-left font-medium"
      >
        <Icon name={opened === id ? "chevron" : "right"} className="text-ink-3 size-3.5 shrink-0" />
        {name}
      </button>
    ),
  };
  const target: Column<Schedule> = { id: "target", header: "Target", cell: ({ target_id }) => targets?.get(target_id) ?? "–" };
  return (
    <DataTable
      caption={caption}
      columns={[name, ...(targets ? [target] : []), ...COLUMNS]}
      rows={rows}
      rowKey={({ id }) => id}
      details={(schedule) => opened === schedule.id && <ScheduleDetails schedule={schedule} />}
      width="min-w-[48rem]"
    />
  );
}
