// Numbers in words. Shares, differences and intervals have the form of `app/contract/shares.py`: a
// share is a percentage with at most one decimal, a difference is in signed points, and there is
// no minus zero.

export interface Interval {
  value?: number | null;
  low?: number | null;
  high?: number | null;
}

type Maybe = number | null | undefined;

const THIN_SPACE = "\u202f"; // between thousands
const SPACE = "\u00a0"; // between a number and its unit, does not break
const MINUS = "\u2212";
const DASH = "–"; // not measured

const known = (value: Maybe): value is number => value !== null && value !== undefined && Number.isFinite(value);

/** Return at most one decimal. A tie goes to the even digit, as in Python. */
function short(value: number): string {
  const tie = Number.isInteger(value * 4) && (((value * 4) % 4) + 4) % 4 === (value < 0 ? 3 : 1);
  const text = tie ? `${Math.trunc(value)}.2` : value.toFixed(1);
  return text.replace(/\.0$/, "").replace(/^-0$/, "0");
}

/** Return a share in [0, 1] as a percentage. Only 0 and 1 are written as 0 % and 100 %. */
export function share(value: Maybe): string {
  if (!known(value)) return DASH;
  if (value > 0 && value < 0.0005) return `<${SPACE}0.1${SPACE}%`;
  if (value >= 0.9995 && value < 1) return `>${SPACE}99.9${SPACE}%`;
  return `${short(100 * value)}${SPACE}%`;
}

/** Return a difference of shares without its unit: "+4.5", "−12", "0". */
function signedPoints(difference: number): string {
  const text = short(Math.abs(100 * difference));
  return text === "0" ? text : (difference > 0 ? "+" : MINUS) + text;
}

/** Return a difference of two shares as signed percentage points. */
export function points(difference: Maybe): string {
  if (!known(difference)) return DASH;
  const text = signedPoints(difference);
  return `${text}${SPACE}${/^\D?1$/.test(text) ? "point" : "points"}`;
}

/** Return an interval of shares, "74.1 % to 100 %", or an empty string without both ends. */
export function span(figure: Interval | null | undefined): string {
  return ends(figure, share, "");
}

/** Return an interval of differences: "−1.5 to +12 points". */
export function pointsSpan(figure: Interval | null | undefined): string {
  return ends(figure, signedPoints, `${SPACE}points`);
}

/** Return an interval of bits, distances or other numbers. */
export function decimalSpan(figure: Interval | null | undefined): string {
  return ends(figure, decimal, "");
}

function ends(figure: Interval | null | undefined, form: (value: number) => string, unit: string): string {
  const { low, high } = figure ?? {};
  return known(low) && known(high) ? `${form(low)} to ${form(high)}${unit}` : "";
}

/** Return a share with its interval: "87 % (69 % to 96 %)". */
export function interval(figure: Interval | null | undefined): string {
  const said = span(figure);
  return said === "" ? share(figure?.value) : `${share(figure?.value)} (${said})`;
}

/** Return a number that is not a share, such as a similarity, with three digits. */
export function decimal(value: Maybe): string {
  if (!known(value)) return DASH;
  const text = Math.abs(value).toFixed(3);
  return value < 0 && text !== "0.000" ? MINUS + text : text;
}

/** Return a number as `decimal` does, with a sign. */
export function signedDecimal(value: Maybe): string {
  const text = decimal(value);
  return known(value) && value > 0 && text !== "0.000" ? `+${text}` : text;
}

/**
 * Return the percentage of a chosen share, such as a budget, with all of its digits: "5", "0.25".
 */
export function givenNumber(value: number): string {
  return String(Number((value * 100).toFixed(4)));
}

export function givenShare(value: number): string {
  return `${givenNumber(value)}${SPACE}%`;
}

/** Return progress in whole percent. It is 100 % only at the end. */
export function progress(done: number): string {
  return `${Math.floor(done * 100 + 1e-9)}${SPACE}%`;
}

export function count(value: number | null | undefined): string {
  if (value === null || value === undefined) return "–";
  return String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, THIN_SPACE);
}

/** Return a count with its noun: "1 identity", "30 identities". */
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

/** Return a duration: "0.4 s", "48 s", "3 min 12 s", "2 h 05 min". */
export function duration(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined || !Number.isFinite(seconds)) return "–";
  if (seconds < 9.95) return `${Math.max(0, seconds).toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes} min ${String(whole % 60).padStart(2, "0")} s`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, "0")} min`;
}

/** Return an estimated duration, as the command line says it: "48 s", "13 min", "2.1 h". */
export function roughly(seconds: number): string {
  if (seconds < 90) return `${Math.round(Math.max(0, seconds))} s`;
  return seconds < 5400 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}

/** Return a digest shortened for display. */
export function shortDigest(digest: string, length = 12): string {
  return digest.replace(/^sha256:/, "").slice(0, length);
}

/** Return a sentence of the service in which a number stays on one line with its sign. */
export function joined(sentence: string): string {
  return sentence.replaceAll(/([\d<>]) (?=%|\d)/g, "$1\u00a0").replaceAll("R = ", "R\u00a0=\u00a0");
}
