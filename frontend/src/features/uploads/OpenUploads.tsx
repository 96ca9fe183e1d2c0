// Files on their way in: how far each is, why an import was refused, and a way to end it.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import type { Upload } from "@/api/model";
import { datasetKeys } from "@/features/datasets/queries";
import { modelKeys } from "@/features/models/queries";
import { uploadsQuery, useDeleteUpload } from "@/features/uploads/queries";
import { bytes } from "@/format/numbers";
import { Button } from "@/ui/Button";
import { Notice, ProblemDetails, ProblemNotice } from "@/ui/Notice";
import { Section } from "@/ui/Page";
import { When } from "@/ui/When";

interface Props {
  projectId: string;
  kind: "release" | "dataset";
  /** What waits for a file, by id, with the words it is called by. */
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
    before.current = under; // one that left the list has arrived, or was refused: what it was for has changed
    void queries.invalidateQueries({ queryKey: kind === "release" ? modelKeys.releases(projectId) : datasetKeys.list(projectId) });
  }, [under, kind, projectId, queries]);
  if (open.length === 0 && refused.length === 0) return null;
  return (
    <Section title="On their way in">
      {refused.map((one) => (
        <div key={one.id} className="mb-3">
          <Notice title={`${awaiting.get(subject(one)) ?? "A file"} was not imported`}>
            <p className="font-mono text-xs break-all">{one.address}</p>
            {one.problem && <ProblemDetails problem={one.problem} />}
          </Notice>
        </div>
      ))}
      {end.isError && <ProblemNotice error={end.error} title="Not deleted" />}
      {open.length > 0 && (
        <div className="-mx-2 mb-10 relative overflow-x-auto px-2">
          <table className="data-table min-w-[44rem]">
            <thead>
              <tr>
                <th scope="col">For</th>
                <th scope="col">File</th>
                <th scope="col" className="number">
                  Arrived
                </th>
                <th scope="col" className="number">
                  Deleted if it rests
                </th>
                <th scope="col">
                  <span className="sr-only">Actions</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {open.map((one) => (
                <tr key={one.id}>
                  <td className="font-medium">{awaiting.get(subject(one)) ?? "–"}</td>
                  <td className="text-ink-2 max-w-80 text-xs break-all">{one.address ?? one.filename ?? "–"}</td>
                  <td className="number whitespace-nowrap">
                    {one.length > 0 ? `${bytes(one.received)} of ${bytes(one.length)}` : "not begun"}
                  </td>
                  <td className="number text-ink-2">
                    <When at={one.expires_at} />
                  </td>
                  <td className="number">
                    <Button
                      look="quiet"
                      disabled={end.isPending}
                      onClick={() => end.mutate(one.id)}
                      aria-label={`Delete ${one.filename ?? one.id}`}
                    >
                      Delete
                    </Button>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Section>
  );
}

/** Whether nothing was begun for the same thing since; the list is newest first. */
function isLast(one: Upload, all: readonly Upload[], subject: (one: Upload) => string): boolean {
  return all.find((other) => subject(other) === subject(one)) === one;
}
