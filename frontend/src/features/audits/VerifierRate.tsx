// A rate of a verifier or of the evaluator, with its interval. Results of older versions have the
// rate alone.
import type { Figure, ResultVerifier } from "@/api/model";
import { Measured } from "@/features/audits/Measured";

/** Return the named figure, or the bare rate without an interval. */
export function rateOf(figures: Record<string, Figure> | undefined, name: string, bare: number | null | undefined): Figure | null {
  const figure = figures?.[name];
  if (figure) return figure;
  return typeof bare === "number" ? { value: bare } : null;
}

interface Props {
  of: ResultVerifier;
  name: "rank1_on_references" | "false_match_rate";
}

/**
 * Results of older versions count images as n. Theirs is not shown, because n must count people.
 */
export function VerifierRate({ of: verifier, name }: Props) {
  const figure = rateOf(verifier.figures, name, verifier[name]);
  return figure ? <Measured id={`${verifier.name}.${name}`} figure={figure} /> : "–";
}
