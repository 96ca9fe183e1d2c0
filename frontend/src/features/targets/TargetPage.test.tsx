import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it } from "vitest";
import { ago, audit, decisions, hex, policies, projects, release, result, schedules, session, target, waivers } from "@/testing/fixtures";
import { page, renderAt, stubService } from "@/testing/render";
import { shownCommand } from "@/testing/shownCommand";

const project = target.project_id;
const address = `/projects/${project}/targets/${target.id}`;

it("shows each release with R, interval and budget, as a plot and as a table", async () => {
  const older = release(1, { created_at: ago(5000) });
  const first = release(5, { created_at: ago(9000) });
  const all = [audit(2), audit(4, { release: { ...audit(1).release, id: first.id, version: first.version } }), audit(3, { release: { ...audit(1).release, target_id: `tgt_${hex(9)}` } })];
  stubService({
    "GET /session": { body: session },
    "GET /projects": page(projects),
    [`GET /targets/${target.id}`]: { body: target },
    [`GET /targets/${target.id}/releases`]: page([release(2), older, first]),
    [`GET /audits/${audit(2).id}/regression`]: { body: result.regression },
    [`GET /projects/${project}/audits`]: ({ query }) => page(all.filter(({ release: { target_id } }) => target_id === query.get("target_id"))),
  });
  renderAt(address);
  expect(await screen.findByRole("heading", { level: 1, name: "badge-reader" })).toBeVisible();
  expect(await screen.findByTitle("Risk of the releases of badge-reader")).toBeInTheDocument();
  const table = screen.getByRole("table", { name: /Releases of badge-reader/ });
  const newest = within(table).getByRole("row", { name: /2026\.11\.2/ });
  const oldest = within(table).getByRole("row", { name: /2026\.11\.1/ });
  expect(newest).toHaveTextContent(/2026\.11\.2.*Fail.*71 %.*60 % to 80 %/);
  expect(within(newest).getByRole("img", { name: /budget 5\s%/ })).toBeVisible();
  expect(await within(newest).findByText("exposes more")).toBeVisible();
  expect(await screen.findByText(/, worse than the release before: R .* against 2026\.10\.9-dp$/)).toBeInTheDocument();
  expect(oldest).toHaveTextContent(/2026\.11\.1.*Not audited yet\./);
  expect(within(newest).getByRole("link", { name: "Fail" })).toHaveAttribute("href", `/audits/${audit(2).id}`);
});

it("says the risk of a single audit in a sentence, without a plot", async () => {
  stubService({
    "GET /session": { body: session },
    "GET /projects": page(projects),
    [`GET /targets/${target.id}`]: { body: target },
    [`GET /targets/${target.id}/releases`]: page([release(2), release(1, { created_at: ago(5000) })]),
    [`GET /projects/${project}/audits`]: page([audit(2)]),
  });
  renderAt(address);
  expect(await screen.findByText(/^One release is audited so far: R of 2026\.11\.2 is 71\s%, with a 95\s% interval of 60\s% to 80\s%/)).toBeVisible();
  expect(screen.queryByTitle("Risk of the releases of badge-reader")).not.toBeInTheDocument();
});

it("says what belongs on the page of a target without releases", async () => {
  stubService({
    "GET /session": { body: session },
    "GET /projects": page(projects),
    [`GET /targets/${target.id}`]: { body: { ...target, name: "badge reader $(id)" } },
    [`GET /targets/${target.id}/releases`]: page([]),
    [`GET /projects/${project}/audits`]: page([]),
  });
  renderAt(address);
  expect(await screen.findByRole("heading", { name: "No releases yet" })).toBeVisible();
  expect(screen.getByText(shownCommand(/exhume release upload .*--target 'badge reader \$\(id\)'/s))).toBeVisible();
});

it("shows policy, decision, next step, waivers and schedules of the line", async () => {
  const calls = stubService({
    "GET /session": { body: session },
    "GET /projects": page(projects),
    [`GET /targets/${target.id}`]: { body: target },
    [`GET /targets/${target.id}/releases`]: page([release(2)]),
    [`GET /projects/${project}/audits`]: page([audit(2)]),
    [`GET /targets/${target.id}/decisions`]: page(decisions),
    [`GET /targets/${target.id}/waivers`]: page(waivers),
    [`GET /targets/${target.id}/policy`]: { body: { policy_id: policies[0]?.id, inherited: false } },
    [`GET /projects/${project}/policies`]: page(policies),
    [`GET /projects/${project}/schedules`]: page(schedules),
    [`PUT /targets/${target.id}/policy`]: { body: { policy_id: policies[1]?.id, inherited: false } },
    [`POST /waivers/${waivers[0]?.id ?? ""}/approve`]: { status: 403, body: { title: "Your own", status: 403, code: "own_waiver", detail: "Somebody else must approve it." } },
  });
  renderAt(address);
  const releases = await screen.findByRole("table", { name: /Releases of badge-reader/ });
  expect(await within(releases).findByText("1 waived")).toBeVisible();
  expect(within(releases).getByText(/Train the model so that it memorises less/)).toBeVisible();
  expect(await screen.findByRole("table", { name: "Schedules of badge-reader" })).toBeVisible();
  await userEvent.selectOptions(await screen.findByLabelText("Policy"), "experiments");
  await expect.poll(() => calls.find(({ method }) => method === "PUT")?.body).toEqual({ policy_id: policies[1]?.id });
  const table = await screen.findByRole("table", { name: "Waivers of badge-reader" });
  await userEvent.click(within(table).getByRole("button", { name: "Approve EXH001" }));
  expect(await screen.findByText("Somebody else must approve it.")).toBeVisible();
});
