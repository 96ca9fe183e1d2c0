// An entry of the audit log in words.
import type { LogEntry } from "@/api/model";

export interface Actor {
  kind: string;
  name: string;
}

const KINDS = new Map([
  ["person", "Person"],
  ["key", "Machine"],
  ["worker", "Worker"],
  ["schedule", "Schedule"],
  ["source", "Watched source"],
]);

/** Return who acted. Versions without accounts called the operator the administrator. */
export function actorOf({ actor }: Pick<LogEntry, "actor">): Actor {
  const [, prefix = "", name = ""] = /^(\w+):\s*(.*)$/s.exec(actor) ?? [];
  const kind = KINDS.get(prefix);
  if (kind) return { kind, name };
  if (actor === "operator" || actor === "administrator") return { kind: "Operator", name: "" };
  return { kind: "", name: actor };
}

/** Return the subject of an action in words: "private_set" is "Private set". */
export function nounOf(noun: string): string {
  if (noun === "blind_line_up") return "Blind line-up";
  if (noun === "dataset") return "Data set";
  return noun.charAt(0).toUpperCase() + noun.slice(1).replaceAll("_", " ");
}

/** "image.reveal_refused" is "Image: reveal refused". */
export function actionOf({ action }: Pick<LogEntry, "action">): string {
  const [noun = "", verb = ""] = action.split(".");
  return verb === "" ? nounOf(noun) : `${nounOf(noun)}: ${verb.replaceAll("_", " ")}`;
}

/** Return the details as lines. Nested values are JSON and come last, because they can be long. */
export function detailsOf({ details }: Pick<LogEntry, "details">): [name: string, value: string][] {
  return Object.entries(details)
    .filter(([, value]) => value !== null && value !== "")
    .sort(([, one], [, other]) => Number(typeof one === "object") - Number(typeof other === "object"))
    .map(([name, value]) => [name.replaceAll("_", " "), typeof value === "string" ? value : JSON.stringify(value)]);
}
