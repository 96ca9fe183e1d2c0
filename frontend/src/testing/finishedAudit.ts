// A service with one finished audit.
import { audit, identities, projects, result, session } from "@/testing/fixtures";
import { page, stubService } from "@/testing/render";

/** Stub the service with a finished audit, its result and its identities, and with `extra` answers. */
export function serveFinished(subject = audit(2), extra: Parameters<typeof stubService>[0] = {}) {
  return stubService({
    "GET /session": { body: session },
    "GET /projects": page(projects),
    [`GET /audits/${subject.id}`]: { body: subject },
    [`GET /audits/${subject.id}/result`]: { body: result },
    [`GET /audits/${subject.id}/identities`]: page(identities),
    [`GET /audits/${subject.id}/blind-line-ups`]: page([]),
    ...extra,
  });
}
