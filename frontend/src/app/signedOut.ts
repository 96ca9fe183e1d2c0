// What happens when the service no longer knows the caller.
import type { QueryClient } from "@tanstack/react-query";
import type { createAppRouter } from "@/app/router";
import { sessionKeys } from "@/features/session/queries";

/** Go to the sign-in page, which says that a session has ended if there was one in this window. */
export function leadToSignIn(router: ReturnType<typeof createAppRouter>, queries: QueryClient): void {
  const { pathname, href } = router.state.location;
  if (pathname === "/sign-in") return;
  const ended = queries.getQueryData(sessionKeys.current()) !== undefined;
  void router.navigate({ to: "/sign-in", search: { return: href, ...(ended && { ended }) } });
}
