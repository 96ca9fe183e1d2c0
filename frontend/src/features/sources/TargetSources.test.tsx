import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it } from "vitest";
import { changes, projects, schedule, session, source, sources, target } from "@/testing/fixtures";
import { page, renderAt, stubService } from "@/testing/render";

it("shows what is watched for a target, why a check failed, and checks it at once", async () => {
  const [mlflow, hub] = sources;
  const calls = stubService({
    "GET /session": { body: session },
    "GET /projects": page(projects),
    [`GET /targets/${target.id}`]: { body: target },
    [`GET /targets/${target.id}/releases`]: page([]),
    [`GET /projects/${target.project_id}/sources`]: page(sources),
    [`GET /sources/${hub?.id ?? ""}/changes`]: page([]),
    [`GET /sources/${mlflow?.id ?? ""}/changes`]: page(changes),
    [`POST /sources/${mlflow?.id ?? ""}/check`]: { body: mlflow },
  });
  renderAt(`/projects/${target.project_id}/targets/${target.id}`);
  const table = await screen.findByRole("table", { name: "Sources of badge-reader" });
  expect(calls.find(({ path }) => path.endsWith("/sources"))?.query.get("target_id")).toBe(target.id);
  expect(within(table).getByText("4 failed checks in a row")).toBeVisible();
  await userEvent.click(within(table).getByRole("button", { name: "hub" }));
  expect(await screen.findByText(/answers 500/)).toBeVisible();
  await userEvent.click(within(table).getByRole("button", { name: "candidates" }));
  const revisions = await screen.findByRole("table", { name: "Latest revisions of candidates" });
  expect(within(revisions).getByRole("link", { name: "Open the audit" })).toHaveAttribute("href", `/audits/${changes[0]?.audit_id ?? ""}`);
  await userEvent.click(screen.getByRole("button", { name: "Check now" }));
  await expect.poll(() => calls.filter(({ method }) => method === "POST").map(({ path }) => path)).toEqual([`/sources/${mlflow?.id ?? ""}/check`]);
});

it("is created with an address and a schedule, and shows its secret once", async () => {
  const nightly = schedule(1);
  const calls = stubService({
    "GET /session": { body: session },
    "GET /projects": page(projects),
    [`GET /targets/${target.id}`]: { body: target },
    [`GET /targets/${target.id}/releases`]: page([]),
    [`GET /projects/${target.project_id}/sources`]: page([]),
    [`GET /projects/${target.project_id}/schedules`]: page([nightly]),
    [`POST /projects/${target.project_id}/sources`]: { status: 201, body: { ...source(1), webhook_path: "/api/v1/sources/x/webhook", webhook_secret: "s3cret" } },
  });
  renderAt(`/projects/${target.project_id}/targets/${target.id}`);
  await userEvent.click(await screen.findByRole("button", { name: "New source" }));
  await userEvent.click(screen.getByRole("button", { name: "Watch the address" }));
  expect(screen.getByText("Enter an address.")).toBeVisible();
  await userEvent.type(screen.getByLabelText("Name"), "candidates");
  await userEvent.type(screen.getByLabelText("Address"), "models:/badge-reader@candidate");
  await userEvent.selectOptions(screen.getByLabelText("Schedule"), nightly.name);
  await userEvent.click(screen.getByRole("button", { name: "Watch the address" }));
  expect(await screen.findByText("s3cret")).toBeVisible();
  expect(calls.find(({ method }) => method === "POST")?.body).toMatchObject({
    target_id: target.id,
    address: "models:/badge-reader@candidate",
    schedule_id: nightly.id,
    check_seconds: 300,
    pass_alias: null,
  });
});
