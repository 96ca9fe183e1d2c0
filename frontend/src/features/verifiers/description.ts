// The input convention and the card of a verifier at its upload.
import type { VerifierCreate } from "@/api/model";

type Convention = NonNullable<VerifierCreate["convention"]>;

function numbers(text: string): number[] | null {
  const found = text.trim().split(/[\s,;]+/).map(Number);
  return [1, 3].includes(found.length) && found.every(Number.isFinite) && text.trim() !== "" ? found : null;
}

/** Return the convention, or its problem. */
export function conventionOf(mean: string, std: string, channel_order: "RGB" | "BGR"): Convention | string {
  const [centre, width] = [numbers(mean), numbers(std)];
  if (!centre || !width) return "Mean and standard deviation must be one number, or three, such as 0.485 0.456 0.406.";
  if (width.some((value) => value <= 0)) return "The standard deviation must be above 0.";
  return { mean: centre, std: width, channel_order };
}

/** Return the card. Throw an error with a readable message where it is not a JSON object. */
export function cardOf(file: string, text: string): Record<string, unknown> {
  let card: unknown;
  try {
    card = JSON.parse(text);
  } catch {
    throw new Error(`${file} is not valid JSON. Choose the .json beside the model, or leave the card out.`);
  }
  if (card === null || typeof card !== "object" || Array.isArray(card)) throw new Error(`${file} must contain a JSON object.`);
  return card as Record<string, unknown>;
}
