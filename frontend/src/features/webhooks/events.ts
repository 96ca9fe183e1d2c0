// Words for the events and deliveries of webhooks.
import type { Delivery, WebhookCreate } from "@/api/model";
import { plural } from "@/format/numbers";
import type { Progress } from "@/ui/VerdictMark";

export type Event = WebhookCreate["events"][number];

export const EVENTS: Record<Event, string> = {
  "decision.made": "A release was decided",
  "decision.failed": "A release failed its policy",
  "decision.regressed": "The risk of a release rose",
  "waiver.expiring": "A waiver ends soon",
  "schedule.failing": "A schedule fails",
};

export const FORMATS: Record<WebhookCreate["format"], { name: string; address: string }> = {
  standard: { name: "Signed JSON", address: "An https:// address. Every message is signed by the scheme of standardwebhooks.com." },
  slack: { name: "Slack message", address: "The address of an incoming webhook of Slack or a compatible service." },
  email: { name: "E-mail", address: "One or more e-mail addresses, separated by commas." },
};

/** Return the name of an event. Those of later versions are shown by their id. */
export function eventName(event: string): string {
  return event in EVENTS ? EVENTS[event as Event] : event === "webhook.test" ? "Test" : event;
}

const STATES: Record<Delivery["state"], { state: Progress; words: string }> = {
  pending: { state: "queued", words: "Waiting" },
  delivered: { state: "succeeded", words: "Delivered" },
  failed: { state: "failed", words: "Failed" },
};

export function deliveryState({ state }: Delivery): { state: Progress; words: string } {
  return STATES[state];
}

/** Return the last answer, and how often it was tried. */
export function answerOf({ status_code, error, attempts }: Delivery): string {
  const tried = attempts > 1 ? `, ${plural(attempts, "attempt")}` : "";
  if (error) return `${status_code ? `${status_code}: ` : ""}${error}${tried}`;
  return status_code ? `${status_code}${tried}` : "–";
}
