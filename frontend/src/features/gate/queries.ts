// Queries and mutations of decisions and waivers.
import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { api, idempotencyKey, unwrap } from "@/api/client";
import type { StoredDecision, Waiver, WaiverCreate } from "@/api/model";
import { everyPage } from "@/api/pages";
import { ApiError } from "@/api/problem";

export const gateKeys = {
  all: ["gate"] as const,
  ofAudit: (audit: string) => ["gate", "audit", audit] as const,
  ofTarget: (target: string) => ["gate", "target", target, "decisions"] as const,
  waivers: (target: string) => ["gate", "target", target, "waivers"] as const,
};

const NO_POLICY = "no_policy";

/** The current decision about a finished audit. Null if its policy has just been taken away. */
export function decisionQuery(audit: string, enabled: boolean) {
  return queryOptions({
    queryKey: gateKeys.ofAudit(audit),
    queryFn: async ({ signal }): Promise<StoredDecision | null> => {
      try {
        return await unwrap(api.GET("/api/v1/audits/{audit_id}/decision", { params: { path: { audit_id: audit } }, signal }));
      } catch (error) {
        if (error instanceof ApiError && error.problem.code === NO_POLICY) return null;
        throw error;
      }
    },
    enabled,
  });
}

/** The decisions on the audits of a target, newest first. */
export function targetDecisionsQuery(target: string) {
  return queryOptions({
    queryKey: gateKeys.ofTarget(target),
    queryFn: ({ signal }): Promise<StoredDecision[]> =>
      everyPage((cursor) =>
        unwrap(api.GET("/api/v1/targets/{target_id}/decisions", { params: { path: { target_id: target }, query: { limit: 100, cursor } }, signal })),
      ),
  });
}

export function waiversQuery(target: string) {
  return queryOptions({
    queryKey: gateKeys.waivers(target),
    queryFn: ({ signal }): Promise<Waiver[]> =>
      everyPage((cursor) =>
        unwrap(api.GET("/api/v1/targets/{target_id}/waivers", { params: { path: { target_id: target }, query: { limit: 100, cursor } }, signal })),
      ),
  });
}

export function useAskForWaiver(target: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: WaiverCreate): Promise<Waiver> =>
      unwrap(
        api.POST("/api/v1/targets/{target_id}/waivers", {
          params: { path: { target_id: target }, header: { "Idempotency-Key": idempotencyKey() } },
          body,
        }),
      ),
    onSuccess: () => queries.invalidateQueries({ queryKey: gateKeys.waivers(target) }),
  });
}

export type WaiverAction = "approve" | "revoke";

/** Approve or revoke a waiver. What it covers is decided again. */
export function useWaiverAction() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ id, action }: { id: string; action: WaiverAction }): Promise<Waiver> => {
      const params = { path: { waiver_id: id } };
      return unwrap(
        action === "approve" ? api.POST("/api/v1/waivers/{waiver_id}/approve", { params }) : api.POST("/api/v1/waivers/{waiver_id}/revoke", { params }),
      );
    },
    onSettled: () => queries.invalidateQueries({ queryKey: gateKeys.all }),
  });
}
