// The written form of figures, from the documentation. The formatting of the dashboard is not used
// here.

export interface Figure {
  value: number;
  low?: number | null;
  high?: number | null;
  n?: number | null;
  format?: "share" | "difference" | "bits" | "number" | null;
}

export interface Written {
  value: string;
  interval: string;
  n: string;
}

const SCALE = 2 ** 60; // every double of at least 0.05 is a multiple of 1 / SCALE
const ONE = BigInt(SCALE);

/**
 * Return a number of at least 0.05 with at most one decimal, in exact arithmetic. A tie goes to
 * the even digit.
 */
function oneDecimal(number: number): string {
  const tenths = BigInt(number * SCALE) * 10n;
  const [whole, rest] = [tenths / ONE, tenths % ONE];
  const up = rest * 2n > ONE || (rest * 2n === ONE && whole % 2n === 1n);
  const rounded = whole + (up ? 1n : 0n);
  return rounded % 10n === 0n ? `${rounded / 10n}` : `${rounded / 10n}.${rounded % 10n}`;
}

function share(value: number): string {
  if (value === 0) return "0 %";
  if (value === 1) return "100 %";
  if (value < 0.0005) return "< 0.1 %";
  if (value >= 0.9995) return "> 99.9 %";
  return `${oneDecimal(100 * value)} %`;
}

function signed(difference: number): string {
  const size = Math.abs(100 * difference);
  const text = size < 0.05 ? "0" : oneDecimal(size);
  if (text === "0") return "0";
  return `${difference > 0 ? "+" : "−"}${text}`;
}

function threeDigits(value: number): string {
  const thousandths = Math.round(Math.abs(value) * 1000);
  const text = `${Math.floor(thousandths / 1000)}.${String(thousandths % 1000).padStart(3, "0")}`;
  return value < 0 && thousandths > 0 ? `−${text}` : text;
}

/** Return a figure as it must be on the page. */
export function written({ value, low, high, n, format }: Figure): Written {
  const whole = typeof low === "number" && typeof high === "number";
  const count = typeof n === "number" ? String(n) : "";
  switch (format) {
    case "difference": {
      const points = signed(value);
      const unit = points === "+1" || points === "−1" ? "point" : "points";
      return { value: `${points} ${unit}`, interval: whole ? `${signed(low)} to ${signed(high)} points` : "", n: count };
    }
    case "bits":
    case "number": {
      const unit = format === "bits" ? " bits" : "";
      return { value: threeDigits(value) + unit, interval: whole ? `${threeDigits(low)} to ${threeDigits(high)}` : "", n: count };
    }
    default:
      return { value: share(value), interval: whole ? `${share(low)} to ${share(high)}` : "", n: count };
  }
}

export function writtenNumber(value: number | null): string {
  return value === null ? "–" : threeDigits(value);
}
