import { screen, within } from "@testing-library/react";
import { expect, it } from "vitest";
import { overview, projects, session } from "@/testing/fixtures";
import { page, renderAt, stubService } from "@/testing/render";
import { shownCommand } from "@/testing/shownCommand";

const project = projects[0]?.id ?? "";
const around = { "GET /session": { body: session }, "GET /projects": page(projects) };

it("shows the newest release of every target with risk, budget, trend and gate", async () => {
  stubService({ ...around, [`GET /projects/${project}/overview`]: { body: overview } });
  renderAt(`/projects/${project}`);
  const table = await screen.findByRole("table", { name: /Targets of this project/ });
  const row = within(table).getByRole("row", { name: /badge-reader/ });
  expect(row).toHaveTextContent(/Fail.*71 %.*63 % to 80 %/);
  expect(within(row).getByRole("img", { name: /budget 5\s%/ })).toBeVisible();
  expect(within(row).getByRole("img", { name: /2026\.10\.4: 2\s%.*2026\.11\.1: 30\s%.*2026\.11\.2: 71\s%/ })).toBeVisible();
  expect(within(row).getByText("riskier than before")).toBeVisible();
  expect(within(row).getByRole("link", { name: "Fail" })).toHaveAttribute("href", `/audits/${overview.targets[0]?.releases[0]?.audit?.id ?? ""}`);
  expect(within(table).getByRole("row", { name: /lobby/ })).toHaveTextContent("Not audited yet.");
});

it("draws no trend of a single release", async () => {
  const [target] = overview.targets;
  const one = { ...target, releases: target?.releases.slice(0, 1) };
  stubService({ ...around, [`GET /projects/${project}/overview`]: { body: { ...overview, targets: [one] } } });
  renderAt(`/projects/${project}`);
  const row = await screen.findByRole("row", { name: /badge-reader/ });
  expect(within(row).getByText("one measured so far")).toBeVisible();
  expect(within(row).queryByRole("img", { name: /^Risk by release/ })).not.toBeInTheDocument();
});

it("leads to what needs a person", async () => {
  stubService({ ...around, [`GET /projects/${project}/overview`]: { body: overview } });
  renderAt(`/projects/${project}`);
  const blocked = await screen.findByRole("link", { name: "The policy blocks badge-reader 2026.11.2" });
  expect(blocked).toHaveAttribute("href", `/audits/${overview.needs[0]?.subject ?? ""}`);
  expect(screen.getByText(/Train the model so that it memorises less/)).toBeVisible();
  expect(screen.getByRole("link", { name: "lobby 2026.11.1 has never been audited" })).toHaveAttribute("href", expect.stringContaining("/audits/new?release=rel_"));
  expect(screen.getByText("The pictures of 4 audits are deleted within 7 days")).toBeVisible();
});

it("is the start page, and says how a project begins", async () => {
  stubService({ ...around, [`GET /projects/${project}/overview`]: { body: { targets: [], target_count: 0, needs: [] } } });
  const { router } = renderAt("/");
  expect(await screen.findByRole("heading", { name: "No targets yet" })).toBeVisible();
  expect(router.state.location.pathname).toBe(`/projects/${project}`);
  expect(screen.getByText(shownCommand("exhume demo"))).toBeVisible();
});
