// Linear scales. Plots of shares run from 0 to 1, so that they can be compared.

/**
 * Map [from, to] onto [start, end]. Values outside are clamped, so that marks stay inside the
 * plot.
 */
export function linear(domain: readonly [number, number], range: readonly [number, number]): (value: number) => number {
  const [from, to] = domain;
  const [start, end] = range;
  const span = to - from || 1;
  return (value) => start + Math.min(1, Math.max(0, (value - from) / span)) * (end - start);
}

/** Return evenly spaced ticks, rounded so that 0.1 + 0.2 prints as 0.3. */
export function ticks(from: number, to: number, steps: number): number[] {
  return Array.from({ length: steps + 1 }, (_, i) => Number((from + ((to - from) * i) / steps).toFixed(6)));
}

/** Return places in the order of the given ones, moved up so that any two are at least `gap` apart. */
export function apart(places: readonly number[], gap: number): number[] {
  const order = places.map((place, index) => ({ place, index })).sort((one, other) => one.place - other.place);
  const moved: number[] = [];
  let least = -Infinity;
  for (const { place, index } of order) {
    moved[index] = Math.max(place, least);
    least = (moved[index] ?? place) + gap;
  }
  return moved;
}
