import { screen } from "@testing-library/react";
import { beforeEach, describe, expect, it } from "vitest";
import type { Audit } from "@/api/model";
import { audit, audits, failedJobs, problem, projects, session } from "@/testing/fixtures";
import { page, renderAt, stubService } from "@/testing/render";

function serve(subject: Audit) {
  return stubService({
    "GET /session": { body: session },
    "GET /projects": page(projects),
    [`GET /audits/${subject.id}`]: { body: subject },
    [`GET /audits/${subject.id}/jobs`]: page(failedJobs),
  });
}

beforeEach(() => localStorage.clear());

describe("an audit without a verdict", () => {
  const failed = audits[4] ?? audit(5);

  it("shows the problem and what is kept", async () => {
    serve(failed);
    renderAt(`/audits/${failed.id}`);
    expect(await screen.findByText("Students failed after 3 attempts")).toBeVisible();
    expect(screen.getByText(/needed more memory than this worker has/)).toBeVisible();
    expect(screen.getByText(/Finished stages are reused .*: prepare, prior\./)).toBeVisible();
    expect(screen.queryByText(/Correct the cause/)).not.toBeInTheDocument();
    expect(screen.getByRole("link", { name: /Start it again/ })).toHaveAttribute("href", `/projects/${failed.project_id}/audits/new?again=${failed.id}`);
  });

  it("says what to do where the input caused the problem", async () => {
    serve({ ...failed, problem: problem("too_few_public_images", "12 public images are left.") });
    renderAt(`/audits/${failed.id}`);
    expect(await screen.findByText(/Correct the cause/)).toBeVisible();
    expect(document.body).not.toHaveTextContent(/fault of the service/);
  });
});
