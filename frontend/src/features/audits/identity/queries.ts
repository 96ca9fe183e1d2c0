// One identity of an audit, with its reconstructions.
import { queryOptions } from "@tanstack/react-query";
import { api, unwrap } from "@/api/client";
import type { IdentityInFull } from "@/api/model";
import { auditKeys } from "@/features/audits/queries";

export function identityQuery(audit: string, identity: number) {
  return queryOptions({
    queryKey: auditKeys.identity(audit, identity),
    queryFn: ({ signal }): Promise<IdentityInFull> =>
      unwrap(api.GET("/api/v1/audits/{audit_id}/identities/{identity}", { params: { path: { audit_id: audit, identity } }, signal })),
    staleTime: Infinity,
  });
}
