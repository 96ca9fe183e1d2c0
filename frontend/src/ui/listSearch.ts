// Search parameters of a list in the address.

/** Return the parameters that a list knows. Choices must have one of their values. */
export function listSearch<Name extends string>(search: Record<string, unknown>, choices: Record<Name, readonly string[] | "text">): Partial<Record<Name | "q", string>> {
  const kept: Partial<Record<Name | "q", string>> = {};
  const names: [Name | "q", readonly string[] | "text"][] = [["q", "text"], ...(Object.entries(choices) as [Name, readonly string[] | "text"][])];
  for (const [name, allowed] of names) {
    const value = search[name];
    const text = typeof value === "number" ? String(value) : value; // the router reads "42" as a number
    if (typeof text === "string" && text !== "" && (allowed === "text" || allowed.includes(text))) kept[name] = text;
  }
  return kept;
}
