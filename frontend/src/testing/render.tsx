// Renders a page with the real router and a stub of the service.
import { QueryClientProvider } from "@tanstack/react-query";
import { createMemoryHistory, RouterProvider } from "@tanstack/react-router";
import { render } from "@testing-library/react";
import { Tooltip } from "radix-ui";
import { vi } from "vitest";
import { createQueryClient } from "@/app/queryClient";
import { createAppRouter } from "@/app/router";
import { leadToSignIn } from "@/app/signedOut";

export interface Call {
  method: string;
  path: string;
  query: URLSearchParams;
  body: unknown;
}

interface Given {
  status?: number;
  body: unknown;
}

type Answer = Given | ((call: Call) => Given | Promise<Given>);

/** A response with one page of a list. */
export const page = (items: unknown[], next_cursor: string | null = null) => ({ body: { items, next_cursor } });

/**
 * Stub the service with answers by "METHOD /path" below /api/v1. Other requests get a 404. Returns
 * the list of calls.
 */
export function stubService(answers: Record<string, Answer>): Call[] {
  const calls: Call[] = [];
  vi.stubGlobal("fetch", async (input: RequestInfo | URL, init?: RequestInit) => {
    const request = input instanceof Request ? input : new Request(new URL(input, location.origin), { method: init?.method });
    const url = new URL(request.url);
    const text = await request.text();
    const call: Call = {
      method: request.method,
      path: url.pathname.replace("/api/v1", ""),
      query: url.searchParams,
      body: text === "" ? null : JSON.parse(text),
    };
    calls.push(call);
    const known = answers[`${call.method} ${call.path}`];
    const answer =
      known === undefined
        ? { status: 404, body: { title: "Not found", status: 404, code: "not_found", detail: `Nothing at ${call.path}.` } }
        : typeof known === "function"
          ? await known(call)
          : known;
    const status = answer.status ?? 200;
    return new Response(status === 204 ? null : JSON.stringify(answer.body), {
      status,
      headers: { "Content-Type": status < 400 ? "application/json" : "application/problem+json" },
    });
  });
  return calls;
}

export function renderAt(address: string) {
  const queries = createQueryClient(() => leadToSignIn(router, queries));
  const router = createAppRouter(queries);
  router.update({ ...router.options, history: createMemoryHistory({ initialEntries: [address] }) });
  const view = render(
    <QueryClientProvider client={queries}>
      <Tooltip.Provider>
        <RouterProvider router={router} />
      </Tooltip.Provider>
    </QueryClientProvider>,
  );
  return { ...view, router };
}
