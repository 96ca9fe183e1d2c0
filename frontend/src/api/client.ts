// The typed client of /api/v1: every answer that is not a success becomes an ApiError with the server's problem.
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

/** The data of an answer, or its problem thrown. */
export async function unwrap<T>(pending: Promise<Answer<T>>): Promise<T> {
  const { data, error, response } = await pending;
  if (!response.ok) throw new ApiError(response.status, problemFrom(response.status, error));
  return data as T;
}

/** A new Idempotency-Key: pressing a button twice, or a retry after a lost answer, makes one thing. */
export function idempotencyKey(): string {
  return crypto.randomUUID();
}
