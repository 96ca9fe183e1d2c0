// Documents of the API: the result of an audit and its identities, and the place of each figure in
// them.
import type { Figure } from "./written";

interface Rates {
  figures?: Record<string, Figure>;
}

export interface Result {
  verdict: string;
  sentence: string;
  risk: (Figure & { correction: Rates | null }) | null;
  figures: Record<string, Figure | null>;
  controls: Record<string, Figure | null>;
  power: (Figure & { convinced?: Figure }) | null;
  twin: ({ p: Figure; q: Figure; risk: Figure; accuracy: Rates | null }) | null;
  fit: { accuracy: Figure } | null;
  regression: { difference: Figure | null };
  evaluator: Rates | null;
  verifiers: (Rates & { name: string })[];
  threat_models: { access: string; risk: Figure | null }[];
  named: { identity: number; name: string }[];
}

export interface Identity {
  identity: number;
  name: string;
  verified: boolean | null;
  verifier: string | null;
  similarity: number | null;
  threshold: number | null;
  rank: number | null;
  rank_exposed: number | null;
}

/** Return the figure that `data-figure` names. Null where the result does not have it. */
export function figureOf(id: string, result: Result): Figure | null {
  if (id === "risk") return result.risk;
  if (id in result.figures) return result.figures[id] ?? null;
  const [head = "", ...rest] = id.split(".");
  const tail = rest.join(".");
  if (id.startsWith("control-")) return result.controls[id.slice("control-".length)] ?? null;
  switch (head) {
    case "power":
      return tail === "convinced" ? (result.power?.convinced ?? null) : result.power;
    case "twin":
      return tail === "p" || tail === "q" || tail === "risk" ? (result.twin?.[tail] ?? null) : (result.twin?.accuracy?.figures?.[tail] ?? null);
    case "fit":
      return result.fit?.accuracy ?? null;
    case "regression":
      return result.regression.difference && { ...result.regression.difference, format: "difference" };
    case "correction":
      return result.risk?.correction?.figures?.[tail] ?? null;
    case "evaluator":
      return result.evaluator?.figures?.[tail] ?? null;
    case "threat":
      return result.threat_models.find(({ access }) => access === tail)?.risk ?? null;
    default: {
      const verifier = result.verifiers.find(({ name }) => id.startsWith(`${name}.`));
      return verifier?.figures?.[id.slice(verifier.name.length + 1)] ?? null;
    }
  }
}

/** Return the ids of all figures that must be on the page. */
export function wantedIds(result: Result): string[] {
  const measured = (figures: Record<string, Figure | null>, prefix = "") =>
    Object.entries(figures).flatMap(([id, figure]) => (figure ? [prefix + id] : []));
  return [
    ...(result.risk ? ["risk"] : []),
    ...measured(result.figures),
    ...measured(result.controls, "control-"),
    ...(result.power ? ["power"] : []),
    ...(result.fit ? ["fit.accuracy"] : []),
    ...measured(result.evaluator?.figures ?? {}, "evaluator."),
    ...measured(result.risk?.correction?.figures ? { sensitivity: result.risk.correction.figures.sensitivity ?? null } : {}, "correction."),
    ...result.verifiers.flatMap(({ name, figures = {} }) => Object.keys(figures).map((rate) => `${name}.${rate}`)),
  ];
}
