// Search and filters of the audit log.
import { nounOf } from "@/features/log/entry";
import type { ListChoice } from "@/ui/ListBar";
import { listSearch } from "@/ui/listSearch";

type Name = "action" | "kind" | "from" | "to";
export type LogSearch = Partial<Record<Name | "q", string>>;
type ActorKind = "person" | "machine" | "operator";

const NOUNS = ["audit", "blind_line_up", "dataset", "decision", "hold", "identity", "image", "key", "member", "policy", "private_set", "project", "release", "report", "schedule", "session", "source", "target", "upload", "verifier", "waiver", "webhook"];
const KINDS: readonly ActorKind[] = ["person", "machine", "operator"];
const DAY = /^\d{4}-\d{2}-\d{2}$/;

export const LOG_CHOICES: readonly ListChoice<Name>[] = [
  { name: "action", label: "Action on", options: [["", "Anything"], ...NOUNS.map((noun) => [noun, nounOf(noun)] as const)] },
  { name: "kind", label: "Who", options: [["", "Anybody"], ...KINDS.map((kind) => [kind, nounOf(kind)] as const)] },
];

export function validateLogSearch(search: Record<string, unknown>): LogSearch {
  const kept = listSearch<Name>(search, { action: NOUNS, kind: KINDS, from: "text", to: "text" });
  const { from, to, ...rest } = kept;
  return { ...rest, ...(from !== undefined && DAY.test(from) ? { from } : {}), ...(to !== undefined && DAY.test(to) ? { to } : {}) };
}

/** Return the first moment of a day in the reader's zone, some days later. */
function moment(day: string | undefined, later = 0): string | undefined {
  if (day === undefined) return undefined;
  const [year = 0, month = 1, date = 1] = day.split("-").map(Number);
  const at = new Date(year, month - 1, date + later);
  return Number.isNaN(at.getTime()) ? undefined : at.toISOString();
}

/** Return the parameters of the request. The last day is included. */
export function logQueryOf({ q, action, kind, from, to }: LogSearch) {
  return {
    q,
    action: action === undefined ? undefined : [`${action}.`],
    actor_kind: kind as ActorKind | undefined,
    since: moment(from),
    until: moment(to, 1),
  };
}
