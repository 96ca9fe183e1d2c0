// Linear scales for shares: every plot of the dashboard runs from 0 to 1, so that two of them can be compared.

export interface Scale {
  (value: number): number;
  invert: (position: number) => number;
}

/** Maps [from, to] onto [start, end]; values outside are clamped, so a mark can't leave its plot. */
export function linear(domain: readonly [number, number], range: readonly [number, number]): Scale {
  const [from, to] = domain;
  const [start, end] = range;
  const span = to - from || 1;
  const scale = (value: number) => {
    const part = Math.min(1, Math.max(0, (value - from) / span));
    return start + part * (end - start);
  };
  return Object.assign(scale, {
    invert: (position: number) => from + ((position - start) / (end - start || 1)) * span,
  });
}

/** Evenly spaced ticks, rounded so that 0.1 + 0.2 prints as 0.3. */
export function ticks(from: number, to: number, steps: number): number[] {
  return Array.from({ length: steps + 1 }, (_, i) => Number((from + ((to - from) * i) / steps).toFixed(6)));
}
