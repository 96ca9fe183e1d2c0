// The frame of every page: the menu of small screens.
import { fireEvent, screen } from "@testing-library/react";
import { expect, it } from "vitest";
import { projects, session, system } from "@/testing/fixtures";
import { page, renderAt, stubService } from "@/testing/render";

it("opens the menu of small screens, and closes it when a link is followed", async () => {
  stubService({ "GET /session": { body: session }, "GET /projects": page(projects), "GET /system": { body: system } });
  renderAt("/system");
  const menu = await screen.findByRole("button", { name: "Menu" });
  expect(menu).toHaveAttribute("aria-expanded", "false");
  expect(document.getElementById("menu")?.className).toContain("max-lg:hidden");
  fireEvent.click(menu);
  expect(menu).toHaveAttribute("aria-expanded", "true");
  expect(document.getElementById("menu")?.className).not.toContain("max-lg:hidden");
  fireEvent.click(screen.getByRole("link", { name: "System" }));
  expect(menu).toHaveAttribute("aria-expanded", "false");
});

it("marks the list that a page belongs to", async () => {
  const project = projects[0]?.id ?? "";
  stubService({ "GET /session": { body: session }, "GET /projects": page(projects), [`GET /projects/${project}/priors`]: page([]) });
  const { router } = renderAt(`/projects/${project}/priors`);
  expect(await screen.findByRole("link", { name: "Data sets", current: true })).toBeVisible();
  await router.navigate({ to: "/projects/$projectId/targets/$targetId", params: { projectId: project, targetId: "tgt_1" } });
  expect(await screen.findByRole("link", { name: "Models", current: true })).toBeVisible();
  expect(screen.queryByRole("link", { name: "Data sets", current: true })).not.toBeInTheDocument();
});
