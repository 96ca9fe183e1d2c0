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

/**
 * The choices of a new audit. Left out: the default. The declaration of rights is not among them,
 * so a link cannot fill it in.
 */
export interface NewAuditSearch {
  /** Id of an audit. Alone, it fills the form with the plan of that audit. */
  again?: string;
  release?: string;
  public?: string;
  private?: string;
  effort?: string;
  attack?: string;
  /** Further attacks, separated by commas: "kedmi" or "kedmi:lom:pca". */
  also?: string;
  combination?: string;
  setting?: string;
  prior?: string;
  /** Size of the sample. Left out: all identities. */
  identities?: string | number;
  seed?: string | number;
  /** Percent. */
  budget?: string | number;
  early?: boolean;
  /** Ids, or names of bundled ones, separated by commas. */
  verifiers?: string;
  gallery?: string;
  twin?: string;
  plan?: string;
}

const TEXTS = ["again", "release", "public", "private", "effort", "attack", "also", "combination", "setting", "prior", "verifiers", "gallery", "twin", "plan"] as const;
const NUMBERS = ["identities", "seed", "budget"] as const;

export function validateNewAuditSearch(search: Record<string, unknown>): NewAuditSearch {
  const result: NewAuditSearch = {};
  for (const name of TEXTS) {
    const value = search[name];
    if (typeof value === "string" && value !== "") result[name] = value;
  }
  for (const name of NUMBERS) {
    const value = search[name];
    if (typeof value === "number" || (typeof value === "string" && value !== "")) result[name] = value;
  }
  if (search.early === true) result.early = true;
  return result;
}
