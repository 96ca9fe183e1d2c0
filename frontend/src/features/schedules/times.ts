// Times in the zone of a schedule.

/** Return the wall-clock time of an ISO time with an offset: "Mon 30 Nov 2026, 03:00 (+01:00)". */
export function localTime(iso: string): string {
  const match = /^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2})(?::\d{2}(?:\.\d+)?)?(Z|[+-]\d{2}:\d{2})$/.exec(iso);
  if (!match) return iso;
  const [, date = "", time = "", offset = ""] = match;
  const day = new Intl.DateTimeFormat("en-GB", { weekday: "short", day: "numeric", month: "short", year: "numeric", timeZone: "UTC" }).format(
    new Date(`${date}T00:00:00Z`),
  );
  return `${day.replaceAll(",", "")}, ${time} (${offset === "Z" ? "UTC" : offset})`;
}

/** Return the time zone of this browser. */
export function ownZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";
}
