// Nouns for the classes of a model: people, writers, objects.
import type { ClassKind, Noun, Result } from "@/api/model";
import { plural } from "@/format/numbers";

/** Used where a document does not name its classes. */
export const IDENTITY: Noun = { one: "identity", many: "identities" };

export const NOUNS: Record<ClassKind, Noun> = {
  person: { one: "person", many: "people" },
  writer: { one: "writer", many: "writers" },
  object: { one: "object", many: "objects" },
  condition: { one: "condition", many: "conditions" },
  other: { one: "class", many: "classes" },
};

export function nounOf(result: Pick<Result, "noun"> | undefined): Noun {
  return result?.noun ?? IDENTITY;
}

/** Return the noun for the classes of a release. Null and undefined mean that it names none. */
export function nounOfKind(kind: string | null | undefined): Noun {
  return kind && kind in NOUNS ? NOUNS[kind as ClassKind] : IDENTITY;
}

/** "1 person", "30 people". */
export function counted(n: number, noun: Noun): string {
  return plural(n, noun.one, noun.many);
}

export function capital(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1);
}
