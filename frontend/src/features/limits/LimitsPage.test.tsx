import { screen, within } from "@testing-library/react";
import { expect, it } from "vitest";
import { projectLimits, projects, session } from "@/testing/fixtures";
import { page, renderAt, stubService } from "@/testing/render";

it("shows what a project uses of its limits", async () => {
  const project = projectLimits.project_id;
  stubService({ "GET /session": { body: session }, "GET /projects": page(projects), [`GET /projects/${project}/limits`]: { body: projectLimits } });
  renderAt(`/projects/${project}/limits`);
  const row = await screen.findByRole("row", { name: /Stored files/ });
  expect(within(row).getByText(/25/)).toBeVisible();
  expect(within(row).getByText("(of this project)")).toBeVisible();
  expect(screen.getByText(/were set by/)).toHaveTextContent("were set by Operator.");
});
