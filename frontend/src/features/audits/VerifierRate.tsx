// A rate of a verifier or evaluator, with its interval; results of older versions have the bare rate alone.
import type { Figure, ResultVerifier } from "@/api/model";
import { Measured } from "@/features/audits/Measured";

/** The figure by its name, else the bare rate without an interval. */
export function rateOf(figures: Record<string, Figure> | undefined, name: string, bare: number | null | undefined): Figure | null {
  const figure = figures?.[name];
  if (figure) return figure;
  return typeof bare === "number" ? { value: bare, n: null, format: "share" } : null;
}

interface Props {
  of: ResultVerifier;
  name: "rank1_on_references" | "false_match_rate";
}

/** Results of older versions count images as n, so theirs is not shown: n is people, never images. */
export function VerifierRate({ of: verifier, name }: Props) {
  const figure = rateOf(verifier.figures, name, verifier[name]);
  return figure ? <Measured id={`${verifier.name}.${name}`} figure={figure} /> : "–";
}
