// Queries and mutations of webhooks and their deliveries.
import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { api, idempotencyKey, unwrap } from "@/api/client";
import type { Delivery, NewWebhook, Page, Webhook, WebhookCreate } from "@/api/model";
import { searchedQuery } from "@/api/pages";
import { webhookQueryOf, type WebhookSearch } from "@/features/webhooks/list";

export const webhookKeys = {
  list: (project: string) => ["webhooks", project] as const,
  searched: (project: string, search: WebhookSearch) => ["webhooks", project, "searched", search] as const,
  deliveries: (id: string) => ["webhooks", "deliveries", id] as const,
};

const LATEST = 20;

/** The webhooks that match a search, page by page. */
export function searchedWebhooksQuery(project: string, search: WebhookSearch) {
  return searchedQuery({
    key: webhookKeys.searched(project, search),
    read: (cursor, signal): Promise<Page<Webhook>> =>
      unwrap(api.GET("/api/v1/projects/{project_id}/webhooks", { params: { path: { project_id: project }, query: { limit: 50, cursor, ...webhookQueryOf(search) } }, signal })),
  });
}

/** The latest deliveries of a webhook. */
export function deliveriesQuery(id: string) {
  return queryOptions({
    queryKey: webhookKeys.deliveries(id),
    queryFn: async ({ signal }): Promise<Delivery[]> => {
      const page = await unwrap(
        api.GET("/api/v1/webhooks/{webhook_id}/deliveries", { params: { path: { webhook_id: id }, query: { limit: LATEST } }, signal }),
      );
      return page.items;
    },
    refetchInterval: (query) => (query.state.data?.some(({ finished_at }) => finished_at === null) ? 4000 : false),
  });
}

export function useCreateWebhook(project: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: WebhookCreate): Promise<NewWebhook> =>
      unwrap(
        api.POST("/api/v1/projects/{project_id}/webhooks", {
          params: { path: { project_id: project }, header: { "Idempotency-Key": idempotencyKey() } },
          body,
        }),
      ),
    onSuccess: () => queries.invalidateQueries({ queryKey: webhookKeys.list(project) }),
  });
}

export type WebhookAction = { kind: "test" } | { kind: "active"; active: boolean } | { kind: "delete" } | { kind: "replay"; delivery: string };

export function useWebhookAction({ id, project_id }: Webhook) {
  const queries = useQueryClient();
  const params = { path: { webhook_id: id } };
  const once = () => ({ "Idempotency-Key": idempotencyKey() });
  return useMutation({
    mutationFn: async (action: WebhookAction): Promise<void> => {
      switch (action.kind) {
        case "test":
          await unwrap(api.POST("/api/v1/webhooks/{webhook_id}/test", { params: { ...params, header: once() } }));
          break;
        case "active":
          await unwrap(api.PATCH("/api/v1/webhooks/{webhook_id}", { params, body: { active: action.active } }));
          break;
        case "delete":
          await unwrap(api.DELETE("/api/v1/webhooks/{webhook_id}", { params }));
          break;
        case "replay":
          await unwrap(
            api.POST("/api/v1/webhook-deliveries/{delivery_id}/replay", { params: { path: { delivery_id: action.delivery }, header: once() } }),
          );
      }
    },
    onSettled: () =>
      Promise.all([
        queries.invalidateQueries({ queryKey: webhookKeys.list(project_id) }),
        queries.invalidateQueries({ queryKey: webhookKeys.deliveries(id) }),
      ]),
  });
}
