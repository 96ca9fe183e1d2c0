import { screen, within } from "@testing-library/react";
import { expect, it } from "vitest";
import { ago, audit, hex, projects, release, session, target } from "@/testing/fixtures";
import { page, renderAt, stubService } from "@/testing/render";

const project = target.project_id;
const address = `/projects/${project}/targets/${target.id}`;

it("shows each release with R, interval and budget, as a plot and as a table", async () => {
  const older = release(1, { created_at: ago(5000) });
  stubService({
    "GET /session": { body: session },
    "GET /projects": page(projects),
    [`GET /targets/${target.id}`]: { body: target },
    [`GET /targets/${target.id}/releases`]: page([release(2), older]),
    [`GET /projects/${project}/audits`]: page([audit(2), audit(3, { release: { ...audit(1).release, target_id: `tgt_${hex(9)}` } })]),
  });
  renderAt(address);
  expect(await screen.findByRole("heading", { level: 1, name: "badge-reader" })).toBeVisible();
  expect(await screen.findByTitle("Risk of the releases of badge-reader")).toBeInTheDocument();
  const table = screen.getByRole("table", { name: /Releases of badge-reader/ });
  const newest = within(table).getByRole("row", { name: /2026\.11\.2/ });
  const oldest = within(table).getByRole("row", { name: /2026\.11\.1/ });
  expect(newest).toHaveTextContent(/2026\.11\.2.*Fail.*71 %.*60 % to 80 %/);
  expect(within(newest).getByRole("img", { name: /budget 5\s%/ })).toBeVisible();
  expect(oldest).toHaveTextContent(/2026\.11\.1.*Not audited yet\./);
  expect(within(newest).getByRole("link", { name: "Fail" })).toHaveAttribute("href", `/audits/${audit(2).id}`);
});

it("says what belongs on the page of a target without releases", async () => {
  stubService({
    "GET /session": { body: session },
    "GET /projects": page(projects),
    [`GET /targets/${target.id}`]: { body: target },
    [`GET /targets/${target.id}/releases`]: page([]),
    [`GET /projects/${project}/audits`]: page([]),
  });
  renderAt(address);
  expect(await screen.findByRole("heading", { name: "No releases yet" })).toBeVisible();
  expect(screen.getByText(/--target badge-reader/)).toBeVisible();
});
