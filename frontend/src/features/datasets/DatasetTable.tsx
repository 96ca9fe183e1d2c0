// The image sets of one role.
import type { DataRole, Dataset } from "@/api/model";
import { bytes, count } from "@/format/numbers";
import { Digest } from "@/ui/Copy";
import { IntakeMark } from "@/ui/IntakeMark";
import { Notice, ProblemDetails } from "@/ui/Notice";
import { ROLE_WORDS } from "@/ui/Role";
import { SetNotes } from "@/features/datasets/SetNotes";
import { When } from "@/ui/When";

const COLUMNS = 8;

export function DatasetTable({ of: role, rows }: { of: DataRole; rows: readonly Dataset[] }) {
  if (rows.length === 0) {
    return <p className="text-ink-3 text-sm">None yet: {ROLE_WORDS[role].meaning}.</p>;
  }
  return (
    <div className="-mx-2 relative overflow-x-auto px-2">
      <table className="data-table min-w-[52rem] table-fixed">
        <colgroup>
          <col className="w-[20%]" />
          <col className="w-[14%]" />
          <col className="w-[9%]" />
          <col className="w-[10%]" />
          <col className="w-[13%]" />
          <col className="w-[10%]" />
          <col className="w-[14%]" />
          <col className="w-[10%]" />
        </colgroup>
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">State</th>
            <th scope="col" className="number">
              Images
            </th>
            <th scope="col" className="number">
              Identities
            </th>
            <th scope="col" className="number">
              Size, px
            </th>
            <th scope="col" className="number">
              Uploaded
            </th>
            <th scope="col">Digest</th>
            <th scope="col" className="number">
              Added
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <DatasetRow key={row.id} row={row} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function DatasetRow({ row }: { row: Dataset }) {
  const digest = row.digest ?? row.images_digest;
  return (
    <>
      <tr>
        <td className="truncate font-medium" title={row.name}>{row.name}</td>
        <td>
          <IntakeMark state={row.state} />
        </td>
        <td className="number">{count(row.images)}</td>
        <td className="number">{count(row.identity_count)}</td>
        <td className="number whitespace-nowrap">
          {row.height === null ? "–" : `${row.height} × ${row.width ?? "?"} × ${row.channels ?? "?"}`}
        </td>
        <td className="number whitespace-nowrap">{bytes(row.size_bytes)}</td>
        <td>{digest ? <Digest digest={digest} /> : "–"}</td>
        <td className="number text-ink-2">
          <When at={row.created_at} />
        </td>
      </tr>
      {row.notes && row.notes.length > 0 && (
        <tr className="hover:!bg-transparent">
          <td colSpan={COLUMNS} className="!pb-4">
            <SetNotes notes={row.notes} />
          </td>
        </tr>
      )}
      {row.state === "refused" && (
        <tr className="hover:!bg-transparent">
          <td colSpan={COLUMNS} className="!pb-4">
            <Notice title={row.problem?.title ?? "Refused"}>
              {row.problem && <ProblemDetails problem={row.problem} />}
              <p className="mt-1">Nothing of the file is kept. Fix it and upload it again. If you give no name, a number is added to that of the file.</p>
            </Notice>
          </td>
        </tr>
      )}
    </>
  );
}
