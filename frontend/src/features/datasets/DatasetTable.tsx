// The table of the data sets of one role.
import type { DataRole, Dataset } from "@/api/model";
import { identityCount } from "@/features/datasets/identityCount";
import { DatasetLink } from "@/features/datasets/page/DatasetLink";
import { DeleteButton } from "@/features/deletions/DeleteButton";
import { SetNotes } from "@/features/datasets/SetNotes";
import { bytes, count } from "@/format/numbers";
import { Digest } from "@/ui/Copy";
import type { Column } from "@/ui/column";
import { DataTable } from "@/ui/DataTable";
import { IntakeMark } from "@/ui/IntakeMark";
import { Notice, ProblemDetails } from "@/ui/Notice";
import { ROLE_WORDS } from "@/ui/Role";
import { When } from "@/ui/When";

/** Fixed widths align the tables of the roles. */
const COLUMNS: Column<Dataset>[] = [
  {
    id: "name",
    header: "Name",
    width: "w-[18%]",
    rowHeader: true,
    className: "font-medium break-words",
    cell: (dataset) => <DatasetLink dataset={dataset} />,
  },
  { id: "state", header: "State", width: "w-[13%]", cell: ({ state }) => <IntakeMark state={state} /> },
  { id: "images", header: "Images", width: "w-[8%]", align: "end", cell: ({ images }) => count(images) },
  { id: "identities", header: "Identities", width: "w-[9%]", align: "end", cell: identityCount },
  {
    id: "size",
    header: "Size, px",
    width: "w-[12%]",
    align: "end",
    className: "whitespace-nowrap",
    cell: ({ height, width, channels }) => (height === null ? "–" : `${height} × ${width ?? "?"} × ${channels ?? "?"}`),
  },
  { id: "uploaded", header: "Uploaded", width: "w-[10%]", align: "end", className: "whitespace-nowrap", cell: (row) => bytes(row.size_bytes) },
  { id: "digest", header: "Digest", width: "w-[14%]", cell: digestOf },
  { id: "added", header: "Added", width: "w-[10%]", align: "end", className: "text-ink-2", cell: (row) => <When at={row.created_at} /> },
  {
    id: "actions",
    header: <span className="sr-only">Actions</span>,
    width: "w-[6%]",
    align: "end",
    cell: ({ id, project_id, name, state }) =>
      state !== "deleted" && <DeleteButton subject={{ kind: "dataset", id }} projectId={project_id} name={name} />,
  },
];

export function DatasetTable({ of: role, rows }: { of: DataRole; rows: readonly Dataset[] }) {
  return (
    <DataTable
      caption={`Data sets: ${ROLE_WORDS[role].name}`}
      columns={COLUMNS}
      rows={rows}
      rowKey={({ id }) => id}
      details={detailsOf}
      empty={`None yet: ${ROLE_WORDS[role].meaning}.`}
      width="min-w-[52rem] table-fixed"
    />
  );
}

function digestOf({ digest, images_digest }: Dataset) {
  const shown = digest ?? images_digest;
  return shown ? <Digest digest={shown} /> : "–";
}

function detailsOf({ state, notes, problem }: Dataset) {
  if (state !== "refused") return notes && notes.length > 0 && <SetNotes notes={notes} />;
  return (
    <Notice title={problem?.title ?? "Rejected"}>
      {problem && <ProblemDetails problem={problem} />}
      <p className="mt-1">The file was not kept. Fix it and upload it again. Without a name, the data set gets the name of the file and a number.</p>
    </Notice>
  );
}
