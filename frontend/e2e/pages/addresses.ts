// Addresses of every page and state that the mock of the service can show, by route.
import * as fixtures from "../../src/testing/fixtures";

const project = `/projects/${fixtures.projects[0]?.id}`;
const empty = `/projects/${fixtures.projects[2]?.id}`;
const audit = (found: { id: string } | undefined) => `/audits/${found?.id}`;
const [failing, second, inconclusive, running, failed] = fixtures.audits;

/** Return the addresses of a list: with rows, and in a project that has none. */
const list = (name: string) => [`${project}/${name}`, `${empty}/${name}`];

/** Route of `router.tsx`, then the addresses to look at. */
export const ADDRESSES: Record<string, string[]> = {
  "/": ["/"],
  "/audits": ["/audits"],
  "/projects/$projectId/audits": list("audits"),
  "/projects/$projectId/audits/new": [`${project}/audits/new`],
  "/audits/$auditId": [failing, second, inconclusive, running, failed, fixtures.training, fixtures.early, fixtures.cancelling, fixtures.queued, fixtures.replayed].map(audit),
  "/audits/$auditId/identities/$identity": [`${audit(second)}/identities/${fixtures.identities[0]?.identity}`],
  "/audits/$auditId/compare/$otherId": [`${audit(second)}/compare/${fixtures.replayed.id}`, `${audit(second)}/compare/${inconclusive?.id}`],
  "/projects/$projectId": [project, empty],
  "/projects/$projectId/models": [...list("models"), `${project}/models?add=true`],
  "/projects/$projectId/targets/$targetId": [`${project}/targets/${fixtures.target.id}`],
  "/projects/$projectId/releases/$releaseId": [fixtures.releases[2], fixtures.releases[1]].map((one) => `${project}/releases/${one?.id}`),
  "/projects/$projectId/datasets": [...list("datasets"), `${project}/datasets?add=true`],
  "/projects/$projectId/datasets/$datasetId": fixtures.datasets.map(({ id }) => `${project}/datasets/${id}`),
  "/projects/$projectId/priors": list("priors"),
  "/projects/$projectId/priors/$priorId": [`${project}/priors/${fixtures.priors[0]?.id}`],
  "/projects/$projectId/verifiers": [...list("verifiers"), `${project}/verifiers?add=true`],
  "/projects/$projectId/policies": list("policies"),
  "/projects/$projectId/policies/$policyId": [`${project}/policies/${fixtures.policies[0]?.id}`],
  "/projects/$projectId/schedules": [...list("schedules"), `${project}/schedules?open=${fixtures.schedules[0]?.id}`],
  "/projects/$projectId/webhooks": [...list("webhooks"), `${project}/webhooks?open=${fixtures.webhooks[0]?.id}`],
  "/projects/$projectId/keys": list("keys"),
  "/projects/$projectId/audit-log": list("audit-log"),
  "/projects/$projectId/deletions": list("deletions"),
  "/projects/$projectId/limits": list("limits"),
  "/blind-line-ups/$lineUpId": fixtures.blindLineUps.map(({ id }) => `/blind-line-ups/${id}`),
  "/account": ["/account"],
  "/members": ["/members"],
  "/system": ["/system"],
  "/invitation": ["/invitation"],
  "/sign-in": ["/sign-in"],
};
