// Preview, erasure and export of one identity. Names are sent in bodies, which no log keeps.
import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { api, idempotencyKey, unwrap } from "@/api/client";
import type { IdentityPreview, Receipt } from "@/api/model";
import type { Confirmed } from "@/features/deletions/queries";

/** An identity, as a private data set names it. */
export interface Named {
  project: string;
  dataset: string;
  name: string;
}

export const identityKeys = {
  preview: ({ project, dataset, name }: Named) => ["identities", "preview", project, dataset, name] as const,
};

const bodyOf = ({ dataset, name }: Named) => ({ names: [{ dataset_id: dataset, name }] });
const pathOf = ({ project }: Named) => ({ project_id: project });

/** What is held about an identity, and what its erasure would do. It is read anew each time. */
export function identityPreviewQuery(named: Named) {
  return queryOptions({
    queryKey: identityKeys.preview(named),
    queryFn: ({ signal }): Promise<IdentityPreview> =>
      unwrap(api.POST("/api/v1/projects/{project_id}/identities/preview", { params: { path: pathOf(named) }, body: bodyOf(named), signal })),
    staleTime: 0,
    gcTime: 0,
  });
}

/** Erases. `onClosed` of the dialog refreshes the pages, so that the receipt can be read first. */
export function useErase(named: Named) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (stated: Confirmed): Promise<Receipt> =>
      unwrap(
        api.POST("/api/v1/projects/{project_id}/identities/erase", {
          params: { path: pathOf(named), header: { "Idempotency-Key": idempotencyKey() } },
          body: { ...bodyOf(named), ...stated },
        }),
      ),
    onError: () => queries.invalidateQueries({ queryKey: identityKeys.preview(named) }),
  });
}

/** Makes the ZIP archive of what is held about an identity. `onArchive` gets it, even if the dialog was closed. */
export function useExport(named: Named, onArchive: (archive: Blob) => void) {
  return useMutation({
    mutationFn: (purpose: string): Promise<Blob> =>
      unwrap(
        api.POST("/api/v1/projects/{project_id}/identities/export", { params: { path: pathOf(named) }, body: { ...bodyOf(named), purpose }, parseAs: "blob" }),
      ),
    onSuccess: onArchive,
  });
}
