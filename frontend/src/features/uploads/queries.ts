// Queries and mutations of uploads, and fetching from an address.
import { queryOptions, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, idempotencyKey, unwrap } from "@/api/client";
import type { Upload } from "@/api/model";
import { systemQuery } from "@/features/system/queries";

export const uploadKeys = {
  list: (project: string) => ["uploads", project] as const,
};

/** The newest hundred. Finished uploads are listed for a week. */
export function uploadsQuery(project: string) {
  return queryOptions({
    queryKey: uploadKeys.list(project),
    queryFn: async ({ signal }): Promise<Upload[]> => {
      const page = await unwrap(
        api.GET("/api/v1/projects/{project_id}/uploads", {
          params: { path: { project_id: project }, query: { limit: 100 } },
          signal,
        }),
      );
      return page.items;
    },
    refetchInterval: (query) => (query.state.data?.some((one) => one.state === "receiving") ? 2000 : false),
  });
}

export function useDeleteUpload(project: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (id: string) =>
      unwrap(
        api.DELETE("/api/v1/uploads/{upload_id}", {
          params: { path: { upload_id: id } },
          headers: { "Tus-Resumable": "1.0.0" },
        }),
      ),
    onSettled: () => queries.invalidateQueries({ queryKey: uploadKeys.list(project) }),
  });
}

/** Lets the service fetch the file of a release or data set from an address. */
export function useImport(project: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ kind, id, address, sha256 }: { kind: "release" | "dataset"; id: string; address: string; sha256: string }) => {
      const header = { "Idempotency-Key": idempotencyKey() };
      const body = { address, sha256: sha256 === "" ? null : sha256 };
      return kind === "release"
        ? unwrap(api.POST("/api/v1/releases/{release_id}/imports", { params: { path: { release_id: id }, header }, body }))
        : unwrap(api.POST("/api/v1/datasets/{dataset_id}/imports", { params: { path: { dataset_id: id }, header }, body }));
    },
    onSettled: () => queries.invalidateQueries({ queryKey: uploadKeys.list(project) }),
  });
}

/** Hosts that files can be fetched from. None where fetching is off or not yet known. */
export function useImportHosts(): readonly string[] {
  return useQuery({ ...systemQuery, refetchInterval: false, staleTime: 60_000 }).data?.import_hosts ?? [];
}
