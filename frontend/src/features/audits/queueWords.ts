// The place of a waiting audit in the queue, in words.
import type { QueuePlace } from "@/api/model";
import { plural, roughly } from "@/format/numbers";

/** Return the audits that are ahead, and where: "2 audits are ahead of it, 1 of them in another project." */
export function aheadWords({ ahead, elsewhere }: QueuePlace): string {
  if (ahead === 0) return "It is next.";
  const them = ahead === 1 ? "1 audit is ahead of it" : `${plural(ahead, "audit")} are ahead of it`;
  if (elsewhere === 0) return `${them}.`;
  if (ahead === 1) return `${them}, in another project.`;
  return `${them}, ${elsewhere === ahead ? "all" : elsewhere} of them in other projects.`;
}

/** Return when the audit goes on, and how long its work then takes. */
export function startWords({ starts_in_seconds, workers }: QueuePlace, left: number | null): string {
  if (workers === 0) return "No worker is running. It starts when one does.";
  const work = left === null ? "" : ` Its own work takes about ${roughly(left)}.`;
  if (starts_in_seconds === null) return `The start cannot be estimated.${work}`;
  if (starts_in_seconds < 5) return `It starts within seconds.${work}`;
  return `It starts in about ${roughly(starts_in_seconds)}.${work}`;
}

/** Return when an audit would begin if it were started now, and after whose work. */
export function waitWords({ ahead, elsewhere, starts_in_seconds, workers }: QueuePlace): string {
  if (workers === 0) return "No worker is running. It starts when one does.";
  if (ahead === 0 && starts_in_seconds === null) return "The start cannot be estimated.";
  const others = ahead === 1 ? " in another project" : `, ${elsewhere} of them in other projects`;
  const whose = elsewhere === 0 ? "" : others;
  const them = `${plural(ahead, "other audit")}${whose}`;
  if (starts_in_seconds === null) return `It starts after ${them}. The time until then cannot be estimated.`;
  if (starts_in_seconds < 5) return "It can start at once.";
  return `It starts in about ${roughly(starts_in_seconds)}, after work of ${them}.`;
}
