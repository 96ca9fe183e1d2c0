// Numbers as people read them: shares with two digits, intervals in words, seconds and bytes with units.

export interface Interval {
  value?: number | null;
  low?: number | null;
  high?: number | null;
}

const THIN_SPACE = "\u202f";

/** A share between 0 and 1 with two digits; differences below that are shown as "< 0.01", never as 0. */
export function share(value: number | null | undefined): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return "–";
  if (value > 0 && value < 0.005) return "< 0.01";
  return value.toFixed(2);
}

/** Like `share`, signed: gaps and differences. */
export function signedShare(value: number | null | undefined): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return "–";
  const text = Math.abs(value).toFixed(2);
  if (text === "0.00") return text;
  return (value < 0 ? "−" : "+") + text;
}

/** A number without a unit or bounds, such as a distance, with three digits and a real minus. */
export function decimal(value: number): string {
  const text = Math.abs(value).toFixed(3);
  return value < 0 && text !== "0.000" ? `−${text}` : text;
}

/** "0.17 to 0.32", or an empty text when there is no interval. */
export function range(interval: Interval | null | undefined): string {
  if (interval?.low === null || interval?.low === undefined) return "";
  if (interval.high === null || interval.high === undefined) return "";
  return `${interval.low.toFixed(2)} to ${interval.high.toFixed(2)}`;
}

export function percent(value: number | null | undefined, digits = 0): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return "–";
  return `${(value * 100).toFixed(digits)}${THIN_SPACE}%`;
}

/** A threshold such as a budget: as few digits as say it exactly ("5 %", "0.5 %"). */
export function budgetPercent(value: number): string {
  return `${String(Number((value * 100).toFixed(2)))}${THIN_SPACE}%`;
}

export function count(value: number | null | undefined): string {
  if (value === null || value === undefined) return "–";
  return String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, THIN_SPACE);
}

/** "1 identity", "30 identities". */
export function plural(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

const UNITS = ["B", "KiB", "MiB", "GiB", "TiB"] as const;

export function bytes(value: number | null | undefined): string {
  if (value === null || value === undefined) return "–";
  let size = value;
  let unit = 0;
  while (size >= 1024 && unit < UNITS.length - 1) {
    size /= 1024;
    unit += 1;
  }
  const digits = unit === 0 || size >= 100 ? 0 : 1;
  return `${size.toFixed(digits)} ${UNITS[unit] ?? "B"}`;
}

/** Seconds as "0.4 s", "48 s", "3 min 12 s", "2 h 05 min". */
export function duration(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined || !Number.isFinite(seconds)) return "–";
  if (seconds < 9.95) return `${Math.max(0, seconds).toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes} min ${String(whole % 60).padStart(2, "0")} s`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, "0")} min`;
}

/** "sha256:0a1b2c…" shortened for the eye; the whole digest is in the copy button and the title. */
export function shortDigest(digest: string, length = 12): string {
  return digest.replace(/^sha256:/, "").slice(0, length);
}
