// Choices that several lists have in common.
import type { ListChoice } from "@/ui/ListBar";
import { type ListSearch, listSearch, valuesOf } from "@/ui/listSearch";

export interface FormSearch {
  /** Whether the form is shown. */
  add?: boolean;
}

export interface RowsSearch {
  /** The open row. */
  open?: string;
}

type Options = ListChoice<string>["options"];

const BY_TIME: Options = [
  ["", "Newest first"],
  ["created_at", "Oldest first"],
];

/** Return the choice of an order. Lists are newest first by default. */
export function order(...more: Options): ListChoice<"sort"> {
  return { name: "sort", label: "Order", options: [...BY_TIME, ...more] };
}

export const BY_NAME: Options = [
  ["name", "By name"],
  ["-name", "By name, from the end"],
];

export const INTAKE: ListChoice<"state"> = {
  name: "state",
  label: "State",
  options: [
    ["", "Any"],
    ["ready", "Ready"],
    ["checking", "Checking"],
    ["awaiting_upload", "Waiting for the file"],
    ["refused", "Rejected"],
    ["deleted", "Deleted"],
  ],
};

export const ACTIVE: ListChoice<"active"> = {
  name: "active",
  label: "State",
  options: [
    ["", "Any"],
    ["true", "Active"],
    ["false", "Paused"],
  ],
};

/** Return the boolean of a choice between "true" and "false". */
export function flag(value: string | undefined): boolean | undefined {
  return value === undefined ? undefined : value === "true";
}

/** Return a function that reads the parameters of a page with a list and a form of a new row. */
export function formSearch<Name extends string>(choices: readonly ListChoice<Name>[]) {
  const values = valuesOf(choices);
  return (search: Record<string, unknown>): FormSearch & ListSearch<Name> => ({ ...(search.add === true ? { add: true } : {}), ...listSearch(search, values) });
}

/** Return a function that reads the parameters of a page with such a list, whose rows open. */
export function rowsSearch<Name extends string>(choices: readonly ListChoice<Name>[]) {
  const read = formSearch(choices);
  return (search: Record<string, unknown>): RowsSearch & FormSearch & ListSearch<Name> => ({ ...(typeof search.open === "string" ? { open: search.open } : {}), ...read(search) });
}
