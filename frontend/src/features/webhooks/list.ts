// Search, filters and order of the list of webhooks.
import type { ListQuery, WebhookCreate } from "@/api/model";
import { FORMATS } from "@/features/webhooks/events";
import { ACTIVE, BY_NAME, flag, order, rowsSearch } from "@/ui/listChoices";
import type { ListChoice } from "@/ui/ListBar";
import type { ListSearch } from "@/ui/listSearch";

type Name = "format" | "active" | "sort";
type Format = WebhookCreate["format"];
export type WebhookSearch = ListSearch<Name>;

export const WEBHOOK_CHOICES: readonly ListChoice<Name>[] = [
  { name: "format", label: "Format", options: [["", "Any"], ...Object.entries(FORMATS).map(([format, { name }]) => [format, name] as const)] },
  ACTIVE,
  order(...BY_NAME),
];

export const validateWebhooks = rowsSearch(WEBHOOK_CHOICES);

/** Return the parameters of the request. */
export function webhookQueryOf({ q, format, active, sort }: WebhookSearch): ListQuery<"webhooks-list"> {
  return { q, format: format as Format | undefined, active: flag(active), sort: sort as ListQuery<"webhooks-list">["sort"] };
}
