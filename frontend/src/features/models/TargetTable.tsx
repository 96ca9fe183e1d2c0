// The table of targets, each with its newest release.
import { Link } from "@tanstack/react-router";
import type { Release, Target } from "@/api/model";
import { count } from "@/format/numbers";
import type { Column } from "@/ui/column";
import { DataTable } from "@/ui/DataTable";
import { IntakeMark } from "@/ui/IntakeMark";
import { When } from "@/ui/When";

interface Row {
  target: Target;
  releases: readonly Release[];
}

const newest = ({ releases }: Row): Release | undefined => releases[0];

const COLUMNS: Column<Row>[] = [
  {
    id: "target",
    header: "Target",
    rowHeader: true,
    className: "font-medium",
    cell: ({ target }) => (
      <Link
        to="/projects/$projectId/targets/$targetId"
        params={{ projectId: target.project_id, targetId: target.id }}
        className="rounded-sm after:absolute after:inset-0 after:content-['']"
      >
        {target.name}
      </Link>
    ),
  },
  { id: "releases", header: "Releases", align: "end", cell: ({ releases }) => count(releases.length) },
  { id: "newest", header: "Newest release", cell: (row) => newest(row)?.version ?? "–" },
  {
    id: "state",
    header: "State",
    cell: (row) => {
      const release = newest(row);
      return release ? <IntakeMark state={release.state} /> : "–";
    },
  },
  {
    id: "added",
    header: "Added",
    align: "end",
    className: "text-ink-2",
    cell: (row) => <When at={newest(row)?.created_at ?? row.target.created_at} />,
  },
];

/** Shows the targets by the time of their newest release. Twins do not count as releases. */
export function TargetTable({ targets, releases }: { targets: readonly Target[]; releases: readonly Release[] }) {
  const rows = targets
    .map((target) => ({
      target,
      releases: releases
        .filter(({ target_id, twin_of }) => target_id === target.id && twin_of === null)
        .toSorted((a, b) => b.created_at.localeCompare(a.created_at)),
    }))
    .toSorted((a, b) => (newest(b)?.created_at ?? "").localeCompare(newest(a)?.created_at ?? ""));
  return (
    <DataTable
      caption="Targets of this project"
      columns={COLUMNS}
      rows={rows}
      rowKey={({ target }) => target.id}
      rowProps={() => ({ className: "relative" })}
      width="min-w-[34rem]"
    />
  );
}
