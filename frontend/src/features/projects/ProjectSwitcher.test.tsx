import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it } from "vitest";
import { projects, session, system } from "@/testing/fixtures";
import { renderAt, stubService } from "@/testing/render";

it("loads the menu of projects when it is opened", async () => {
  localStorage.clear();
  stubService({
    "GET /session": { body: session },
    "GET /projects": { body: { items: projects, next_cursor: null } },
    "GET /system": { body: system },
  });
  renderAt("/system");
  await userEvent.click(await screen.findByRole("button", { name: /^Project:/ }));
  expect(await screen.findByRole("menuitem", { name: projects[1]?.name })).toBeVisible();
  await userEvent.click(screen.getByRole("menuitem", { name: /New project/ }));
  expect(await screen.findByRole("dialog", { name: "New project" })).toBeVisible();
});
