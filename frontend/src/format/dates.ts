// Dates, relative or absolute in UTC.

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Return a relative time, such as "4 min ago" or "in 29 days". Beyond a month it is a date. */
export function relative(iso: string, now: Date = new Date()): string {
  const then = new Date(iso);
  const seconds = (now.getTime() - then.getTime()) / 1000;
  const size = Math.abs(seconds);
  if (size < 45) return "just now";
  if (size > 31 * DAY) return day(iso);
  const [amount, unit] =
    size < 1.5 * HOUR - MINUTE
      ? [Math.max(1, Math.round(size / MINUTE)), "min"]
      : size < 1.5 * DAY
        ? [Math.round(size / HOUR), "h"]
        : [Math.round(size / DAY), "days"];
  return seconds > 0 ? `${amount} ${unit} ago` : `in ${amount} ${unit}`;
}

/** "23 Nov 2026". */
export function day(iso: string): string {
  return new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric" }).format(new Date(iso));
}

/** "23 Nov 2026, 22:30 UTC". */
export function exact(iso: string): string {
  const text = new Intl.DateTimeFormat("en-GB", {
    day: "numeric",
    month: "short",
    year: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    timeZone: "UTC",
  }).format(new Date(iso));
  return `${text} UTC`;
}

/** Return the seconds between two times. Without an end, it is now. */
export function secondsBetween(start: string, end: string | null | undefined, now: Date = new Date()): number {
  return Math.max(0, ((end ? new Date(end) : now).getTime() - new Date(start).getTime()) / 1000);
}
