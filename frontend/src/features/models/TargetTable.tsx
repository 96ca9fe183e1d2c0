// The table of targets, each with its newest release.
import { Link } from "@tanstack/react-router";
import type { ListedTarget } from "@/api/model";
import { ReleaseLink } from "@/features/models/release/ReleaseLink";
import { count } from "@/format/numbers";
import type { Column } from "@/ui/column";
import { DataTable } from "@/ui/DataTable";
import { IntakeMark } from "@/ui/IntakeMark";
import { When } from "@/ui/When";

const COLUMNS: Column<ListedTarget>[] = [
  {
    id: "target",
    header: "Target",
    rowHeader: true,
    className: "font-medium",
    cell: ({ id, project_id, name }) => (
      <Link
        to="/projects/$projectId/targets/$targetId"
        params={{ projectId: project_id, targetId: id }}
        className="rounded-sm after:absolute after:inset-0 after:content-['']"
      >
        {name}
      </Link>
    ),
  },
  { id: "releases", header: "Releases", align: "end", cell: ({ release_count }) => count(release_count) },
  { id: "newest", header: "Newest release", cell: (target) => <Newest target={target} /> },
  { id: "state", header: "State", cell: ({ newest_release }) => (newest_release ? <IntakeMark state={newest_release.state} /> : "–") },
  {
    id: "added",
    header: "Added",
    align: "end",
    className: "text-ink-2",
    cell: ({ newest_release, created_at }) => <When at={newest_release?.created_at ?? created_at} />,
  },
];

/** The link lies above that of the row. */
function Newest({ target: { newest_release: release, project_id } }: { target: ListedTarget }) {
  if (!release) return "–";
  return (
    <ReleaseLink release={{ id: release.id, project_id }} className="relative z-10 rounded-sm underline-offset-2 hover:underline">
      {release.version}
    </ReleaseLink>
  );
}

/** Shows targets with their newest releases. Twins do not count as releases. */
export function TargetTable({ rows }: { rows: readonly ListedTarget[] }) {
  return (
    <DataTable
      caption="Targets of this project"
      columns={COLUMNS}
      rows={rows}
      rowKey={({ id }) => id}
      rowProps={() => ({ className: "relative" })}
      width="min-w-[34rem]"
    />
  );
}
