// The kinds of classes of a release. They determine wording, severity and the meaning of a
// reconstruction.
import type { ClassKind } from "@/api/model";

export const CLASS_KINDS: Record<ClassKind, string> = {
  person: "Each class is one person, for example a face.",
  writer: "Each class is the handwriting of one person.",
  object: "Each class is a kind of object, for example a product.",
  condition: "Each class is a diagnosis or state that many people share.",
  other: "Each class is something else.",
};

export const KINDS = Object.keys(CLASS_KINDS) as ClassKind[];

export function isClassKind(value: unknown): value is ClassKind {
  return typeof value === "string" && value in CLASS_KINDS;
}
