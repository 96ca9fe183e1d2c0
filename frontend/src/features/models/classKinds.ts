// What the classes of a model can stand for: words, severity and what a rebuilt class means follow from it.
import type { ClassKind } from "@/api/model";

export const CLASS_KINDS: Record<ClassKind, string> = {
  person: "Each class is one person, such as a face.",
  writer: "Each class is the hand of one writer.",
  object: "Each class is a kind of thing, such as a product.",
  condition: "Each class is a diagnosis or state that many people share.",
  other: "Each class is something else.",
};

export const KINDS = Object.keys(CLASS_KINDS) as ClassKind[];

export function isClassKind(value: unknown): value is ClassKind {
  return typeof value === "string" && value in CLASS_KINDS;
}
