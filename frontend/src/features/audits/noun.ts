// What the classes of a model are called: people, writers, objects; nothing is counted under a wrong name.
import type { ClassKind, Noun, Result } from "@/api/model";
import { plural } from "@/format/numbers";

/** For documents that do not say what their classes are. */
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

/** Of a release; null and undefined: it does not say. */
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
