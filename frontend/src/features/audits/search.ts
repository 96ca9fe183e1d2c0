// Search parameters of the pages of an audit: filter, sorting and grid of identities.

export type IdentityFilter = "all" | "verified" | "control" | "missed";

export interface AuditSearch {
  show?: IdentityFilter;
  find?: string;
  sort?: string;
  down?: boolean;
  grid?: number;
}

const FILTERS: readonly string[] = ["verified", "control", "missed"];

export function validateAuditSearch(search: Record<string, unknown>): AuditSearch {
  const result: AuditSearch = {};
  if (typeof search.show === "string" && FILTERS.includes(search.show)) result.show = search.show as IdentityFilter;
  if (typeof search.find === "string" && search.find !== "") result.find = search.find;
  if (typeof search.sort === "string") result.sort = search.sort;
  if (search.down === true) result.down = true;
  if (typeof search.grid === "number" && search.grid > 0) result.grid = Math.floor(search.grid);
  return result;
}

export interface NewAuditSearch {
  /** Id of the audit whose plan and declaration fill the form. */
  again?: string;
  release?: string;
  public?: string;
  private?: string;
}

export function validateNewAuditSearch(search: Record<string, unknown>): NewAuditSearch {
  const result: NewAuditSearch = {};
  for (const name of ["again", "release", "public", "private"] as const) {
    const value = search[name];
    if (typeof value === "string") result[name] = value;
  }
  return result;
}
