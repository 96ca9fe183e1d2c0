// Search parameters of a list in the address.
import type { ListChoice } from "@/ui/ListBar";

export type ListSearch<Name extends string = never> = Partial<Record<Name | "q", string>>;

/** Return the parameters that a list knows. Choices must have one of their values. */
export function listSearch<Name extends string>(search: Record<string, unknown>, choices: Record<Name, readonly string[] | "text">): ListSearch<Name> {
  const kept: ListSearch<Name> = {};
  const names: [Name | "q", readonly string[] | "text"][] = [["q", "text"], ...(Object.entries(choices) as [Name, readonly string[] | "text"][])];
  for (const [name, allowed] of names) {
    const value = search[name];
    const text = typeof value === "number" || typeof value === "boolean" ? String(value) : value; // the router reads "42" as a number
    if (typeof text === "string" && text !== "" && (allowed === "text" || allowed.includes(text))) kept[name] = text;
  }
  return kept;
}

/** Return the values of the choices of a list, for `listSearch`. */
export function valuesOf<Name extends string>(choices: readonly ListChoice<Name>[]): Record<Name, string[]> {
  return Object.fromEntries(choices.map(({ name, options }) => [name, options.map(([value]) => value)])) as Record<Name, string[]>;
}

/** Return whether a search leaves rows out. An order leaves none out. */
export function narrows(search: Readonly<Record<string, unknown>>): boolean {
  return Object.entries(search).some(([name, value]) => value !== undefined && !/sort$/i.test(name));
}
