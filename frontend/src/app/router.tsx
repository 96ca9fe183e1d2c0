// The address is the state: every page, its project, its audit and its filters can be linked to and found again.
import type { QueryClient } from "@tanstack/react-query";
import { createRootRouteWithContext, createRoute, createRouter, Outlet, redirect } from "@tanstack/react-router";
import { ApiError } from "@/api/problem";
import { HomePage } from "@/app/HomePage";
import { MissingPage, PageError } from "@/app/PageError";
import { Shell } from "@/app/Shell";
import { AuditPage } from "@/features/audits/AuditPage";
import { AuditsPage } from "@/features/audits/AuditsPage";
import { NewAuditPage } from "@/features/audits/new/NewAuditPage";
import { validateAuditSearch, validateNewAuditSearch } from "@/features/audits/search";
import { DatasetsPage } from "@/features/datasets/DatasetsPage";
import { KeysPage } from "@/features/keys/KeysPage";
import { ModelsPage } from "@/features/models/ModelsPage";
import { SignInPage } from "@/features/session/SignInPage";
import { sessionQuery } from "@/features/session/queries";
import { VerifiersPage } from "@/features/verifiers/VerifiersPage";
import { SystemPage } from "@/features/system/SystemPage";

export interface Context {
  queries: QueryClient;
}

const root = createRootRouteWithContext<Context>()({ component: Outlet, notFoundComponent: MissingPage });

const signIn = createRoute({
  getParentRoute: () => root,
  path: "/sign-in",
  component: SignInPage,
  validateSearch: (search: Record<string, unknown>): { return?: string } =>
    typeof search.return === "string" ? { return: search.return } : {},
});

const signedIn = createRoute({
  getParentRoute: () => root,
  id: "signed-in",
  component: Shell,
  beforeLoad: async ({ context, location }) => {
    try {
      await context.queries.query({ ...sessionQuery, staleTime: "static" });
    } catch (error) {
      // Anything else than "not signed in" (the service is away) is said by the page itself, which tries again.
      if (error instanceof ApiError && error.status === 401) {
        throw redirect({ to: "/sign-in", search: { return: location.href }, replace: true });
      }
    }
  },
});

const home = createRoute({ getParentRoute: () => signedIn, path: "/", component: HomePage });
const auditsHome = createRoute({ getParentRoute: () => signedIn, path: "/audits", component: HomePage });

const audits = createRoute({
  getParentRoute: () => signedIn,
  path: "/projects/$projectId/audits",
  component: AuditsPage,
});

const newAudit = createRoute({
  getParentRoute: () => signedIn,
  path: "/projects/$projectId/audits/new",
  component: NewAuditPage,
  validateSearch: validateNewAuditSearch,
});

const audit = createRoute({
  getParentRoute: () => signedIn,
  path: "/audits/$auditId",
  component: AuditPage,
  validateSearch: validateAuditSearch,
});

const openRow = (search: Record<string, unknown>): { open?: string; add?: boolean } => ({
  ...(typeof search.open === "string" ? { open: search.open } : {}),
  ...(search.add === true ? { add: true } : {}),
});

const models = createRoute({
  getParentRoute: () => signedIn,
  path: "/projects/$projectId/models",
  component: ModelsPage,
  validateSearch: openRow,
});

const datasets = createRoute({
  getParentRoute: () => signedIn,
  path: "/projects/$projectId/datasets",
  component: DatasetsPage,
  validateSearch: openRow,
});

const verifiers = createRoute({
  getParentRoute: () => signedIn,
  path: "/projects/$projectId/verifiers",
  component: VerifiersPage,
  validateSearch: openRow,
});

const keys = createRoute({ getParentRoute: () => signedIn, path: "/projects/$projectId/keys", component: KeysPage });
const system = createRoute({ getParentRoute: () => signedIn, path: "/system", component: SystemPage });

const tree = root.addChildren([
  signIn,
  signedIn.addChildren([home, auditsHome, audits, newAudit, audit, models, datasets, verifiers, keys, system]),
]);

export function createAppRouter(queries: QueryClient) {
  return createRouter({
    routeTree: tree,
    context: { queries },
    defaultErrorComponent: PageError,
    defaultPreload: "intent",
    scrollRestoration: true,
  });
}

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof createAppRouter>;
  }
}
