// Two audits, compared by the service.
import { queryOptions } from "@tanstack/react-query";
import { api, unwrap } from "@/api/client";
import type { Comparison } from "@/api/model";
import { auditKeys } from "@/features/audits/queries";

export function comparisonQuery(first: string, second: string) {
  return queryOptions({
    queryKey: auditKeys.comparison(first, second),
    queryFn: ({ signal }): Promise<Comparison> =>
      unwrap(
        api.GET("/api/v1/audits/{audit_id}/comparison/{other_id}", { params: { path: { audit_id: first, other_id: second } }, signal }),
      ),
    staleTime: Infinity,
  });
}
