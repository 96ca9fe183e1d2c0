// The typed client of /api/v1. Errors are thrown as ApiError, with the problem of the server.
import createClient from "openapi-fetch";
import { ApiError, problemFrom } from "@/api/problem";
import type { paths } from "@/api/schema";

export const api = createClient<paths>({
  baseUrl: typeof location === "undefined" ? "" : location.origin,
  credentials: "same-origin",
  fetch: (request) => fetch(request),
});

interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** Return the data of an answer, or throw its problem. */
export async function unwrap<T>(pending: Promise<Answer<T>>): Promise<T> {
  const { data, error, response } = await pending;
  if (!response.ok) throw new ApiError(response.status, problemFrom(response.status, error));
  return data as T;
}

/** Return a new Idempotency-Key. With it, a repeated request has its effect once. */
export function idempotencyKey(): string {
  return crypto.randomUUID();
}
