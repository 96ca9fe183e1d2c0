import { screen } from "@testing-library/react";
import { beforeEach, expect, it, vi } from "vitest";
import { projects, session } from "@/testing/fixtures";
import { renderAt, stubService } from "@/testing/render";

vi.mock("@/features/system/SystemPage", () => {
  throw new TypeError("Failed to fetch dynamically imported module");
});

beforeEach(() => {
  localStorage.clear();
  stubService({ "GET /session": { body: session }, "GET /projects": { body: { items: projects, next_cursor: null } } });
});

it("offers a reload where the code of a page cannot be loaded, inside the frame", async () => {
  vi.spyOn(console, "error").mockReturnValue();
  vi.spyOn(console, "warn").mockReturnValue();
  renderAt("/system");
  expect(await screen.findByText("This page could not be loaded")).toBeVisible();
  expect(screen.getByRole("button", { name: "Reload" })).toBeVisible();
  expect(screen.getByRole("navigation", { name: "Main" })).toBeVisible();
  expect(screen.getAllByRole("main")).toHaveLength(1);
});
