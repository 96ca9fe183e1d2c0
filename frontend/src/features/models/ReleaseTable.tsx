// The table of releases. Each row opens.
import { Link } from "@tanstack/react-router";
import type { Release } from "@/api/model";
import { ReleaseDetails } from "@/features/models/ReleaseDetails";
import { bytes, count } from "@/format/numbers";
import { Digest } from "@/ui/Copy";
import type { Column } from "@/ui/column";
import { DataTable } from "@/ui/DataTable";
import { Icon } from "@/ui/Icon";
import { IntakeMark } from "@/ui/IntakeMark";
import { VerdictMark } from "@/ui/VerdictMark";
import { When } from "@/ui/When";

const COLUMNS: Column<Release>[] = [
  { id: "state", header: "State", cell: ({ state }) => <IntakeMark state={state} /> },
  { id: "verdict", header: "Latest verdict", className: "whitespace-nowrap", cell: ({ audit }) => <LatestVerdict audit={audit} /> },
  { id: "architecture", header: "Architecture", className: "text-ink-2 font-mono text-xs", cell: ({ architecture }) => architecture },
  { id: "identities", header: "Identities", align: "end", cell: (release) => count(release.class_count) },
  {
    id: "input",
    header: "Input, px",
    align: "end",
    className: "whitespace-nowrap",
    cell: ({ convention: { height, width, channels } }) => `${height} × ${width} × ${channels}`,
  },
  { id: "size", header: "Size", align: "end", className: "whitespace-nowrap", cell: (release) => bytes(release.size_bytes) },
  { id: "digest", header: "SHA-256", cell: ({ sha256 }) => (sha256 ? <Digest digest={sha256} /> : "–") },
  { id: "added", header: "Added", align: "end", className: "text-ink-2", cell: (release) => <When at={release.created_at} /> },
];

function LatestVerdict({ audit }: Pick<Release, "audit">) {
  if (!audit?.verdict) return "–";
  return (
    <Link to="/audits/$auditId" params={{ auditId: audit.id }} className="rounded-sm underline-offset-4 hover:underline">
      <VerdictMark verdict={audit.verdict} />
    </Link>
  );
}

interface Props {
  rows: readonly Release[];
  /**
   * The id of the release whose row is open. If it is undefined, the rows of rejected releases are
   * open.
   */
  opened: string | undefined;
  /** Opens the row of a release, and none for the empty string. */
  onOpen: (id: string) => void;
}

export function ReleaseTable({ rows, opened, onOpen }: Props) {
  const isOpen = ({ id, state }: Release) => opened === id || (state === "refused" && opened === undefined);
  const name: Column<Release> = {
    id: "release",
    header: "Release",
    rowHeader: true,
    cell: (release) => (
      <button
        type="button"
        onClick={() => onOpen(isOpen(release) ? "" : release.id)}
        aria-expanded={isOpen(release)}
        className="inline-flex items-center gap-1.5 rounded align-bottom text-left"
      >
        <Icon name={isOpen(release) ? "chevron" : "right"} className="text-ink-3 size-3.5 shrink-0" />
        <span>
          <span className="font-medium">{release.target_name}</span> <span className="text-ink-2">{release.version}</span>
        </span>
      </button>
    ),
  };
  return (
    <DataTable
      caption="Releases of this project"
      columns={[name, ...COLUMNS]}
      rows={rows}
      rowKey={({ id }) => id}
      details={(release) => isOpen(release) && <ReleaseDetails release={release} />}
      width="min-w-[60rem]"
    />
  );
}
