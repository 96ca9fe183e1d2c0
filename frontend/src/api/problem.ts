// What went wrong, as the server says it (RFC 9457), or as the browser can tell.

export interface Problem {
  type?: string;
  title: string;
  detail: string;
  status?: number;
  code?: string;
  errors?: unknown[];
}

export class ApiError extends Error {
  readonly problem: Problem;
  readonly status: number;

  constructor(status: number, problem: Problem) {
    super(problem.detail);
    this.name = "ApiError";
    this.status = status;
    this.problem = problem;
  }
}

const TITLES: Record<number, string> = {
  401: "Not signed in",
  403: "Not allowed",
  404: "Not found",
  409: "Not possible in this state",
  413: "Too large",
  422: "This cannot be used",
  429: "Too many requests",
  503: "The service is not ready",
  507: "Storage is full",
};

/** A problem from an answer's body; bodies that are not problems still say what is known. */
export function problemFrom(status: number, body: unknown): Problem {
  const given = body !== null && typeof body === "object" ? (body as Record<string, unknown>) : {};
  const text = (name: string) => (typeof given[name] === "string" ? given[name] : undefined);
  return {
    title: text("title") ?? TITLES[status] ?? `The service answered ${status}`,
    detail: text("detail") ?? "The service gave no details. Its log has the request.",
    status,
    type: text("type"),
    code: text("code"),
    errors: Array.isArray(given.errors) ? given.errors : undefined,
  };
}

/** Any error as a problem a person can act on. */
export function problemOf(error: unknown): Problem {
  if (error instanceof ApiError) return error.problem;
  if (error instanceof TypeError) {
    return {
      title: "The service does not answer",
      detail: "Is it running? Start it with “exhume up”. Nothing you entered is lost; this page tries again by itself.",
      code: "unreachable",
    };
  }
  return { title: "Something went wrong in this page", detail: error instanceof Error ? error.message : String(error) };
}
