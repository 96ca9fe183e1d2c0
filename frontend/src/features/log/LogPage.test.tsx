import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it } from "vitest";
import { ago, logEntries, logEntry, session, target } from "@/testing/fixtures";
import { page, renderAt, stubService } from "@/testing/render";

const project = target.project_id;
const path = `/projects/${project}/audit-log`;

function service(more: Parameters<typeof stubService>[0] = {}) {
  return stubService({ "GET /session": { body: session }, "GET /projects": page([]), [`GET ${path}`]: page(logEntries), ...more });
}

it("says who did what to which, and opens an entry with its hashes", async () => {
  service();
  renderAt(path);
  const row = await screen.findByRole("row", { name: /Image: revealed/ });
  expect(within(row).getByText("Person")).toBeVisible();
  expect(within(row).getByText("dana@example.com")).toBeVisible();
  expect(within(screen.getByRole("row", { name: /Audit: created/ })).getByRole("link")).toHaveAttribute("href", `/audits/${logEntries[1]?.subject ?? ""}`);
  expect(screen.queryByText("192.0.2.7")).not.toBeInTheDocument();
  await userEvent.click(within(row).getByRole("button", { name: "Image: revealed", expanded: false }));
  expect(screen.getByText("192.0.2.7")).toBeVisible();
  expect(screen.getByTitle(logEntries[0]?.hash ?? "")).toBeVisible();
});

it("reads older entries page by page", async () => {
  const older = logEntry(1, { action: "session.opened" });
  const calls = service({ [`GET ${path}`]: ({ query }) => (query.get("cursor") ? page([older]) : page(logEntries, "more")) });
  renderAt(path);
  await userEvent.click(await screen.findByRole("button", { name: "Show older entries" }));
  expect(await screen.findByRole("row", { name: /Session: opened/ })).toBeVisible();
  expect(calls.filter((call) => call.path === path).map(({ query }) => query.get("cursor"))).toEqual([null, "more"]);
  expect(screen.queryByRole("button", { name: "Show older entries" })).not.toBeInTheDocument();
});

it("is filtered by the server", async () => {
  const calls = service();
  const { router } = renderAt(`${path}?action=image&from=2026-01-31&to=nonsense`);
  await screen.findByRole("row", { name: /Image: revealed/ });
  await userEvent.selectOptions(screen.getByLabelText("Who"), "Person");
  await expect.poll(() => router.state.location.search).toEqual({ action: "image", kind: "person", from: "2026-01-31" });
  await expect.poll(() => calls.filter((call) => call.path === path).at(-1)?.query.get("actor_kind")).toBe("person");
  const asked = calls.filter((call) => call.path === path).at(-1)?.query;
  expect(asked?.get("action")).toBe("image.");
  expect(asked?.get("since")).toBe(new Date(2026, 0, 31).toISOString());
  expect(asked?.get("until")).toBeNull();
});

it.each([
  [{ intact: true, entries: 5, first_broken: null }, "status", "All 5 entries follow from each other"],
  [{ intact: false, entries: 5, first_broken: 3 }, "alert", "Entry 3 does not follow from the one before it"],
])("verifies the chain when it is asked to: %j", async (answer, role, words) => {
  const calls = service({ [`GET ${path}/verification`]: { body: { ...answer, checked_at: ago(0) } } });
  renderAt(path);
  await screen.findByRole("row", { name: /Image: revealed/ });
  expect(calls.some((call) => call.path.endsWith("/verification"))).toBe(false);
  await userEvent.click(screen.getByRole("button", { name: "Verify the chain" }));
  expect(await screen.findByText(words)).toBeVisible();
  expect(screen.getByText(words).closest("[role]")).toHaveAttribute("role", role);
});
