import { screen } from "@testing-library/react";
import { beforeEach, describe, expect, it } from "vitest";
import { audit, identities, projects, result, session } from "@/testing/fixtures";
import { renderAt, stubService } from "@/testing/render";

const page = (items: unknown[]) => ({ body: { items, next_cursor: null } });

function serve(subject = audit(2), extra: Parameters<typeof stubService>[0] = {}) {
  return stubService({
    "GET /session": { body: session },
    "GET /projects": page(projects),
    [`GET /audits/${subject.id}`]: { body: subject },
    [`GET /audits/${subject.id}/result`]: { body: result },
    [`GET /audits/${subject.id}/identities`]: page(identities),
    ...extra,
  });
}

beforeEach(() => localStorage.clear());

describe("the record of an audit", () => {
  it("records the prior that was searched", async () => {
    const subject = audit(2);
    serve({ ...subject, plan: { ...subject.plan, prior: "pca", prior_kind: "pca" } });
    renderAt(`/audits/${subject.id}`);
    expect(await screen.findByText(/GMI, LOMMA, PCA prior, seed 0/)).toBeVisible();
  });
});
