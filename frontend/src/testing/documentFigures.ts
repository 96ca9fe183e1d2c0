// Figures of a result document by their paths, as elements of a page name them: `twin.q`,
// `verifiers.0.figures.false_match_rate`.
import type { Figure } from "./written";

/**
 * Figures that the page of an audit repeats under another path, or leaves out. Those of the only
 * attack are those of the audit.
 */
const NOT_SHOWN = [
  /^figures\.risk$/,
  /^risk\.correction\.figures\.(corrected_[pq]|specificity)$/,
  /^power\.(verified|control|reference)\b/,
  /^regression\.history\.\d+\.difference$/,
];
const OF_ATTACKS = /^attacks\.\d+\./;

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;

/**
 * Return the figure at a path. A bare number is one without interval and n: a threshold, or a
 * share. Null without either.
 */
export function figureAt(document: unknown, path: string): Figure | null {
  let found = document;
  for (const name of path.split(".")) found = isObject(found) ? found[name] : undefined;
  if (typeof found === "number") return { value: found, format: path.endsWith(".threshold") ? "number" : "share" };
  if (!isObject(found) || typeof found.value !== "number") return null;
  // The difference between two releases has no format in documents of older versions.
  return (path === "regression.difference" ? { ...found, format: "difference" } : found) as unknown as Figure;
}

/** Return the paths of all measurements in a document: objects with value and interval. */
export function pathsOfFigures(document: unknown, path = ""): string[] {
  if (!isObject(document)) return [];
  const own = typeof document.value === "number" && "low" in document && "high" in document ? [path] : [];
  const parts = Object.entries(document).flatMap(([name, part]) => pathsOfFigures(part, path === "" ? name : `${path}.${name}`));
  return [...own, ...parts];
}

/** Return the paths of the figures that the page of an audit must show. */
export function wantedPaths(result: { attacks: unknown[]; stopped: unknown }): string[] {
  const hidden = result.attacks.length > 1 ? NOT_SHOWN : [...NOT_SHOWN, OF_ATTACKS];
  return pathsOfFigures(result).filter((path) => !hidden.some((one) => one.test(path)));
}

/** Return all texts of a document. */
export function textsOf(document: unknown): string[] {
  if (typeof document === "string") return [document];
  return isObject(document) ? Object.values(document).flatMap(textsOf) : [];
}
