// The routes. Project, audit and filters are part of the address, so that every view can be linked
// to.
import type { QueryClient } from "@tanstack/react-query";
import { createRootRouteWithContext, createRoute, createRouter, Outlet, redirect } from "@tanstack/react-router";
import { ApiError } from "@/api/problem";
import { lazyPage } from "@/app/lazyPage";
import { MissingPage, PageError, PageLoading, WholePageError, WholePageLoading } from "@/app/PageError";
import { validateAccount } from "@/features/account/list";
import { validateAuditList } from "@/features/audits/list";
import { validateDatasets } from "@/features/datasets/list";
import { validateDeletions } from "@/features/deletions/list";
import { validateKeys } from "@/features/keys/list";
import { validateLogSearch } from "@/features/log/list";
import { validateMembers } from "@/features/members/list";
import { validateModels } from "@/features/models/list";
import { validatePolicies } from "@/features/policies/list";
import { validatePriors } from "@/features/priors/list";
import { validateSchedules } from "@/features/schedules/list";
import { validateTarget } from "@/features/sources/list";
import { validateVerifiers } from "@/features/verifiers/list";
import { validateWebhooks } from "@/features/webhooks/list";
import { validateAuditSearch, validateNewAuditSearch } from "@/features/audits/search";
import { sessionQuery } from "@/features/session/queries";

// Each page is loaded when it is first opened.
const HomePage = lazyPage(() => import("@/app/HomePage").then((file) => file.HomePage));
const Shell = lazyPage(() => import("@/app/Shell").then((file) => file.Shell));
const AccountPage = lazyPage(() => import("@/features/account/AccountPage").then((file) => file.AccountPage));
const AuditPage = lazyPage(() => import("@/features/audits/AuditPage").then((file) => file.AuditPage));
const IdentityPage = lazyPage(() => import("@/features/audits/identity/IdentityPage").then((file) => file.IdentityPage));
const ComparePage = lazyPage(() => import("@/features/audits/compare/ComparePage").then((file) => file.ComparePage));
const AuditsPage = lazyPage(() => import("@/features/audits/AuditsPage").then((file) => file.AuditsPage));
const NewAuditPage = lazyPage(() => import("@/features/audits/new/NewAuditPage").then((file) => file.NewAuditPage));
const BlindLineUpPage = lazyPage(() => import("@/features/blindLineUps/BlindLineUpPage").then((file) => file.BlindLineUpPage));
const DatasetPage = lazyPage(() => import("@/features/datasets/page/DatasetPage").then((file) => file.DatasetPage));
const DatasetsPage = lazyPage(() => import("@/features/datasets/DatasetsPage").then((file) => file.DatasetsPage));
const DeletionsPage = lazyPage(() => import("@/features/deletions/DeletionsPage").then((file) => file.DeletionsPage));
const KeysPage = lazyPage(() => import("@/features/keys/KeysPage").then((file) => file.KeysPage));
const LogPage = lazyPage(() => import("@/features/log/LogPage").then((file) => file.LogPage));
const InvitationPage = lazyPage(() => import("@/features/members/InvitationPage").then((file) => file.InvitationPage));
const MembersPage = lazyPage(() => import("@/features/members/MembersPage").then((file) => file.MembersPage));
const LimitsPage = lazyPage(() => import("@/features/limits/LimitsPage").then((file) => file.LimitsPage));
const ModelsPage = lazyPage(() => import("@/features/models/ModelsPage").then((file) => file.ModelsPage));
const ReleasePage = lazyPage(() => import("@/features/models/release/ReleasePage").then((file) => file.ReleasePage));
const SignInPage = lazyPage(() => import("@/features/session/SignInPage").then((file) => file.SignInPage));
const VerifiersPage = lazyPage(() => import("@/features/verifiers/VerifiersPage").then((file) => file.VerifiersPage));
const OverviewPage = lazyPage(() => import("@/features/overview/OverviewPage").then((file) => file.OverviewPage));
const PoliciesPage = lazyPage(() => import("@/features/policies/PoliciesPage").then((file) => file.PoliciesPage));
const PolicyPage = lazyPage(() => import("@/features/policies/PolicyPage").then((file) => file.PolicyPage));
const PriorPage = lazyPage(() => import("@/features/priors/PriorPage").then((file) => file.PriorPage));
const PriorsPage = lazyPage(() => import("@/features/priors/PriorsPage").then((file) => file.PriorsPage));
const SchedulesPage = lazyPage(() => import("@/features/schedules/SchedulesPage").then((file) => file.SchedulesPage));
const TargetPage = lazyPage(() => import("@/features/targets/TargetPage").then((file) => file.TargetPage));
const WebhooksPage = lazyPage(() => import("@/features/webhooks/WebhooksPage").then((file) => file.WebhooksPage));
const SystemPage = lazyPage(() => import("@/features/system/SystemPage").then((file) => file.SystemPage));

export interface Context {
  queries: QueryClient;
}

const root = createRootRouteWithContext<Context>()({ component: Outlet, notFoundComponent: MissingPage, errorComponent: WholePageError });

const signIn = createRoute({
  getParentRoute: () => root,
  path: "/sign-in",
  component: SignInPage,
  errorComponent: WholePageError,
  pendingComponent: WholePageLoading,
  validateSearch: (search: Record<string, unknown>): { return?: string; ended?: boolean } => ({
    ...(typeof search.return === "string" ? { return: search.return } : {}),
    ...(search.ended === true ? { ended: true } : {}),
  }),
});

const invitation = createRoute({
  getParentRoute: () => root,
  path: "/invitation",
  component: InvitationPage,
  validateSearch: (search: Record<string, unknown>): { account?: boolean } => (search.account === true ? { account: true } : {}),
});

const signedIn = createRoute({
  getParentRoute: () => root,
  id: "signed-in",
  component: Shell,
  errorComponent: WholePageError,
  pendingComponent: WholePageLoading,
  beforeLoad: async ({ context, location }) => {
    try {
      await context.queries.query({ ...sessionQuery, staleTime: "static" });
    } catch (error) {
      // Other errors, as where the service does not answer, are shown by the page, which tries
      // again.
      if (error instanceof ApiError && error.status === 401) {
        throw redirect({ to: "/sign-in", search: { return: location.href }, replace: true });
      }
    }
  },
});

const home = createRoute({ getParentRoute: () => signedIn, path: "/", component: HomePage });
const auditsHome = createRoute({ getParentRoute: () => signedIn, path: "/audits", component: HomePage });

const overview = createRoute({ getParentRoute: () => signedIn, path: "/projects/$projectId", component: OverviewPage });

const audits = createRoute({
  getParentRoute: () => signedIn,
  path: "/projects/$projectId/audits",
  component: AuditsPage,
  validateSearch: validateAuditList,
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

const blindLineUp = createRoute({ getParentRoute: () => signedIn, path: "/blind-line-ups/$lineUpId", component: BlindLineUpPage });
const identity = createRoute({ getParentRoute: () => signedIn, path: "/audits/$auditId/identities/$identity", component: IdentityPage });

const compare = createRoute({ getParentRoute: () => signedIn, path: "/audits/$auditId/compare/$otherId", component: ComparePage });

const models = createRoute({
  getParentRoute: () => signedIn,
  path: "/projects/$projectId/models",
  component: ModelsPage,
  validateSearch: validateModels,
});

const target = createRoute({
  getParentRoute: () => signedIn,
  path: "/projects/$projectId/targets/$targetId",
  component: TargetPage,
  validateSearch: validateTarget,
});

const release = createRoute({
  getParentRoute: () => signedIn,
  path: "/projects/$projectId/releases/$releaseId",
  component: ReleasePage,
});

const datasets = createRoute({
  getParentRoute: () => signedIn,
  path: "/projects/$projectId/datasets",
  component: DatasetsPage,
  validateSearch: validateDatasets,
});

const dataset = createRoute({
  getParentRoute: () => signedIn,
  path: "/projects/$projectId/datasets/$datasetId",
  component: DatasetPage,
});

const priors = createRoute({ getParentRoute: () => signedIn, path: "/projects/$projectId/priors", component: PriorsPage, validateSearch: validatePriors });
const prior = createRoute({ getParentRoute: () => signedIn, path: "/projects/$projectId/priors/$priorId", component: PriorPage });

const verifiers = createRoute({
  getParentRoute: () => signedIn,
  path: "/projects/$projectId/verifiers",
  component: VerifiersPage,
  validateSearch: validateVerifiers,
});

const policies = createRoute({
  getParentRoute: () => signedIn,
  path: "/projects/$projectId/policies",
  component: PoliciesPage,
  validateSearch: validatePolicies,
});

const policy = createRoute({
  getParentRoute: () => signedIn,
  path: "/projects/$projectId/policies/$policyId",
  component: PolicyPage,
});

const schedules = createRoute({
  getParentRoute: () => signedIn,
  path: "/projects/$projectId/schedules",
  component: SchedulesPage,
  validateSearch: validateSchedules,
});

const webhooks = createRoute({
  getParentRoute: () => signedIn,
  path: "/projects/$projectId/webhooks",
  component: WebhooksPage,
  validateSearch: validateWebhooks,
});

const keys = createRoute({ getParentRoute: () => signedIn, path: "/projects/$projectId/keys", component: KeysPage, validateSearch: validateKeys });
const log = createRoute({ getParentRoute: () => signedIn, path: "/projects/$projectId/audit-log", component: LogPage, validateSearch: validateLogSearch });
const deletions = createRoute({ getParentRoute: () => signedIn, path: "/projects/$projectId/deletions", component: DeletionsPage, validateSearch: validateDeletions });
const limits = createRoute({ getParentRoute: () => signedIn, path: "/projects/$projectId/limits", component: LimitsPage });
const account = createRoute({ getParentRoute: () => signedIn, path: "/account", component: AccountPage, validateSearch: validateAccount });
const members = createRoute({
  getParentRoute: () => signedIn,
  path: "/members",
  component: MembersPage,
  validateSearch: validateMembers,
});
const system = createRoute({ getParentRoute: () => signedIn, path: "/system", component: SystemPage });

const tree = root.addChildren([
  signIn,
  invitation,
  signedIn.addChildren([home, auditsHome, overview, audits, newAudit, audit, blindLineUp, models, target, release, datasets, dataset, priors, prior, verifiers, policies, policy, schedules, webhooks, keys, log, deletions, limits, members, account, system, identity, compare]),
]);

export function createAppRouter(queries: QueryClient) {
  return createRouter({
    routeTree: tree,
    context: { queries },
    defaultErrorComponent: PageError,
    defaultPendingComponent: PageLoading,
    defaultPendingMs: 300,
    defaultPendingMinMs: 0,
    defaultPreload: "intent",
    scrollRestoration: true,
  });
}

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof createAppRouter>;
  }
}
