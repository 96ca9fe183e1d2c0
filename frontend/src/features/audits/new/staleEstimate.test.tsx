import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { expect, it, vi } from "vitest";
import { audit, bundled, dataset, projects, release, session } from "@/testing/fixtures";
import { page, renderAt, stubService } from "@/testing/render";

// The form never settles: what is asked for stays what the form was at first.
vi.mock("@/features/audits/new/useSettled", () => ({
  useSettled: <T,>(value: T): T => useState(value)[0],
}));

const project = projects[0]?.id ?? "";

it("does not show the estimate of the form before a change", async () => {
  stubService({
    "GET /session": { body: session },
    "GET /projects": page(projects),
    [`GET /projects/${project}/releases`]: page([release(2)]),
    [`GET /projects/${project}/datasets`]: page([dataset(1), dataset(2, { role: "private" })]),
    [`GET /projects/${project}/verifiers`]: page([]),
    "GET /bundled-verifiers": page(bundled),
    [`POST /projects/${project}/audits/estimate`]: { body: audit(2).estimate },
  });
  renderAt(`/projects/${project}/audits/new`);
  expect(await screen.findByText("about 3 min 14 s")).toBeVisible();
  await userEvent.click(screen.getByRole("radio", { name: /^Deep/ }));
  expect(screen.getByText("Estimating …")).toBeVisible();
  expect(screen.queryByText("about 3 min 14 s")).not.toBeInTheDocument();
});
