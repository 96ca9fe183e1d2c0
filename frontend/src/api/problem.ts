// Problems of the server (RFC 9457) and of the browser.
import type { components } from "@/api/schema";

type OfServer = components["schemas"]["Problem"];

/** A problem. One that arises in the browser has only a title, a detail and perhaps a code. */
export type Problem = Pick<OfServer, "title" | "detail"> & { [Field in keyof OfServer]?: OfServer[Field] | undefined };

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

/**
 * Return the problem in the body of an answer. Other bodies get a title and a detail by their
 * status.
 */
export function problemFrom(status: number, body: unknown): Problem {
  const given = body !== null && typeof body === "object" ? (body as Record<string, unknown>) : {};
  const text = (name: string) => (typeof given[name] === "string" ? given[name] : undefined);
  return {
    title: text("title") ?? TITLES[status] ?? `The service answered ${status}`,
    detail: text("detail") ?? "The service gave no details. See its log.",
    status,
    type: text("type"),
    code: text("code"),
    errors: Array.isArray(given.errors) ? given.errors : undefined,
  };
}

/** Return any error as a problem. */
export function problemOf(error: unknown): Problem {
  if (error instanceof ApiError) return error.problem;
  if (error instanceof TypeError) {
    return {
      title: "The service does not answer",
      detail: "Is it running? Start it with “exhume up”. Your input is kept, and this page tries again.",
      code: "unreachable",
    };
  }
  return { title: "An error occurred in this page", detail: error instanceof Error ? error.message : String(error) };
}
