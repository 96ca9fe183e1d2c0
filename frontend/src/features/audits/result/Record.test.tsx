import { screen } from "@testing-library/react";
import { beforeEach, describe, expect, it } from "vitest";
import { serveFinished } from "@/testing/finishedAudit";
import { audit, plannedAttack } from "@/testing/fixtures";
import { renderAt } from "@/testing/render";

beforeEach(() => localStorage.clear());

describe("the record of an audit", () => {
  it("records the prior that was searched", async () => {
    const subject = audit(2);
    serveFinished({ ...subject, plan: { ...subject.plan, attacks: [plannedAttack({ prior: "pca", prior_kind: "pca", restarts: 1 })] } });
    renderAt(`/audits/${subject.id}`);
    expect(await screen.findByText(/GMI, LOMMA, PCA prior, seed 0, 1 restart, /)).toBeVisible();
  });
});
