// Queries and mutations of deletions and their receipts.
import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { api, unwrap } from "@/api/client";
import type { DeletionPreview, Page, Receipt } from "@/api/model";
import { searchedQuery } from "@/api/pages";
import { receiptQueryOf, type ReceiptSearch } from "@/features/deletions/list";
import type { SubjectKind } from "@/features/deletions/words";

export const deletionKeys = {
  preview: ({ kind, id }: Subject) => ["deletions", "preview", kind, id] as const,
  receipts: (project: string) => ["deletions", "receipts", project] as const,
  searched: (project: string, search: ReceiptSearch) => ["deletions", "receipts", project, "searched", search] as const,
};

/** A resource that can be deleted. */
export interface Subject {
  kind: SubjectKind;
  id: string;
}

/** What the service is sent: why, and the `confirmation` of a preview. */
export interface Confirmed {
  reason: string;
  confirm: string;
}

function preview({ kind, id }: Subject, signal: AbortSignal): Promise<DeletionPreview> {
  switch (kind) {
    case "dataset":
      return unwrap(api.GET("/api/v1/datasets/{dataset_id}/deletion", { params: { path: { dataset_id: id } }, signal }));
    case "release":
      return unwrap(api.GET("/api/v1/releases/{release_id}/deletion", { params: { path: { release_id: id } }, signal }));
    case "verifier":
      return unwrap(api.GET("/api/v1/verifiers/{verifier_id}/deletion", { params: { path: { verifier_id: id } }, signal }));
    case "prior":
      return unwrap(api.GET("/api/v1/priors/{prior_id}/deletion", { params: { path: { prior_id: id } }, signal }));
    case "audit":
      return unwrap(api.GET("/api/v1/audits/{audit_id}/deletion", { params: { path: { audit_id: id } }, signal }));
    case "project":
      return unwrap(api.GET("/api/v1/projects/{project_id}/deletion", { params: { path: { project_id: id } }, signal }));
  }
}

function remove({ kind, id }: Subject, query: Confirmed): Promise<Receipt> {
  switch (kind) {
    case "dataset":
      return unwrap(api.DELETE("/api/v1/datasets/{dataset_id}", { params: { path: { dataset_id: id }, query } }));
    case "release":
      return unwrap(api.DELETE("/api/v1/releases/{release_id}", { params: { path: { release_id: id }, query } }));
    case "verifier":
      return unwrap(api.DELETE("/api/v1/verifiers/{verifier_id}", { params: { path: { verifier_id: id }, query } }));
    case "prior":
      return unwrap(api.DELETE("/api/v1/priors/{prior_id}", { params: { path: { prior_id: id }, query } }));
    case "audit":
      return unwrap(api.DELETE("/api/v1/audits/{audit_id}", { params: { path: { audit_id: id }, query } }));
    case "project":
      return unwrap(api.DELETE("/api/v1/projects/{project_id}", { params: { path: { project_id: id }, query } }));
  }
}

export function previewQuery(subject: Subject) {
  return queryOptions({
    queryKey: deletionKeys.preview(subject),
    queryFn: ({ signal }) => preview(subject, signal),
    staleTime: 0,
    gcTime: 0,
  });
}

/** Deletes. `onClosed` of the dialog refreshes the pages, so that the receipt can be read first. */
export function useDelete(subject: Subject) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (confirmed: Confirmed) => remove(subject, confirmed),
    onError: () => queries.invalidateQueries({ queryKey: deletionKeys.preview(subject) }),
  });
}

/** The receipts that match a search, page by page. */
export function receiptsQuery(project: string, search: ReceiptSearch) {
  return searchedQuery({
    key: deletionKeys.searched(project, search),
    read: (cursor, signal): Promise<Page<Receipt>> =>
      unwrap(api.GET("/api/v1/projects/{project_id}/receipts", { params: { path: { project_id: project }, query: { limit: 50, cursor, ...receiptQueryOf(search) } }, signal })),
  });
}

/** The address of the signed receipt. */
export function attestationAddress(receipt: string): string {
  return `/api/v1/receipts/${receipt}/attestation`;
}
