// Files that are being uploaded or fetched, with their progress, problems, and a way to stop them.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import type { Upload } from "@/api/model";
import { datasetKeys } from "@/features/datasets/queries";
import { modelKeys } from "@/features/models/queries";
import { uploadsQuery, useDeleteUpload } from "@/features/uploads/queries";
import { bytes } from "@/format/numbers";
import { Button } from "@/ui/Button";
import type { Column } from "@/ui/column";
import { DataTable } from "@/ui/DataTable";
import { Notice, ProblemDetails, ProblemNotice } from "@/ui/Notice";
import { Section } from "@/ui/Page";
import { When } from "@/ui/When";

interface Props {
  projectId: string;
  kind: "release" | "dataset";
  /** Names of the releases or data sets that wait for a file, by id. */
  awaiting: ReadonlyMap<string, string>;
}

export function OpenUploads({ projectId, kind, awaiting }: Props) {
  const uploads = useQuery(uploadsQuery(projectId));
  const queries = useQueryClient();
  const end = useDeleteUpload(projectId);
  const subject = (one: Upload) => (kind === "release" ? one.release_id : one.dataset_id) ?? "";
  const own = (uploads.data ?? []).filter((one) => subject(one) !== "");
  const open = own.filter((one) => one.state === "receiving");
  const refused = own.filter((one) => one.state === "refused" && one.address && isLast(one, own, subject) && awaiting.has(subject(one)));
  const under = open.map((one) => one.id).join();
  const before = useRef(under);
  useEffect(() => {
    if (before.current === under) return;
    before.current = under; // one that left the list was accepted or rejected
    void queries.invalidateQueries({ queryKey: kind === "release" ? modelKeys.releases(projectId) : datasetKeys.list(projectId) });
  }, [under, kind, projectId, queries]);
  if (open.length === 0 && refused.length === 0) return null;
  const columns: Column<Upload>[] = [
    { id: "for", header: "For", rowHeader: true, className: "font-medium", cell: (one) => awaiting.get(subject(one)) ?? "–" },
    { id: "file", header: "File", className: "text-ink-2 max-w-80 text-xs break-all", cell: (one) => one.address ?? one.filename ?? "–" },
    {
      id: "arrived",
      header: "Received",
      align: "end",
      className: "whitespace-nowrap",
      cell: ({ received, length }) => (length > 0 ? `${bytes(received)} of ${bytes(length)}` : "not started"),
    },
    { id: "expires", header: "Deleted if inactive", align: "end", className: "text-ink-2", cell: (one) => <When at={one.expires_at} /> },
    {
      id: "actions",
      header: <span className="sr-only">Actions</span>,
      align: "end",
      cell: (one) => (
        <Button look="quiet" disabled={end.isPending} onClick={() => end.mutate(one.id)} aria-label={`Delete ${one.filename ?? one.id}`}>
          Delete
        </Button>
      ),
    },
  ];
  return (
    <Section title="Incoming files">
      {refused.map((one) => (
        <div key={one.id} className="mb-3">
          <Notice title={`${awaiting.get(subject(one)) ?? "A file"} was not fetched`}>
            <p className="font-mono text-xs break-all">{one.address}</p>
            {one.problem && <ProblemDetails problem={one.problem} />}
          </Notice>
        </div>
      ))}
      {end.isError && <ProblemNotice error={end.error} title="The upload was not deleted" />}
      {open.length > 0 && (
        <DataTable caption="Incoming files" columns={columns} rows={open} rowKey={({ id }) => id} width="min-w-[44rem]" className="mb-10" />
      )}
    </Section>
  );
}

/** Return whether it is the newest upload for its subject. The list is newest first. */
function isLast(one: Upload, all: readonly Upload[], subject: (one: Upload) => string): boolean {
  return all.find((other) => subject(other) === subject(one)) === one;
}
