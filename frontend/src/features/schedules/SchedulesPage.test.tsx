import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it } from "vitest";
import { datasets, preview, projects, runs, schedule, session, target } from "@/testing/fixtures";
import { page, renderAt, stubService } from "@/testing/render";

const project = target.project_id;
const one = schedule(1);

function service(more: Parameters<typeof stubService>[0] = {}) {
  return stubService({
    "GET /session": { body: session },
    "GET /projects": page(projects),
    [`GET /projects/${project}/schedules`]: page([one]),
    [`GET /projects/${project}/targets`]: page([target]),
    [`GET /projects/${project}/datasets`]: page(datasets),
    [`GET /schedules/${one.id}/preview`]: { body: preview },
    [`GET /schedules/${one.id}/runs`]: page(runs),
    ...more,
  });
}

it("shows the next due times in local time and UTC, and why runs were not needed", async () => {
  service();
  renderAt(`/projects/${project}/schedules?open=${one.id}`);
  expect(await screen.findByText("Tue 1 Dec 2026, 03:00 (+01:00)")).toBeVisible();
  expect(screen.getByText("1 Dec 2026, 02:00 UTC")).toBeVisible();
  const latest = await screen.findByRole("table", { name: "Latest runs of nightly" });
  expect(await within(latest).findByText(/has not changed since its verdict/)).toBeVisible();
  expect(within(latest).getAllByRole("link", { name: "Open the audit" })[0]).toHaveAttribute("href", `/audits/${runs[1]?.audit_id ?? ""}`);
});

it("is paused and run once per click", async () => {
  const calls = service({
    [`POST /schedules/${one.id}/pause`]: { body: { ...one, active: false, next_at: null } },
    [`POST /schedules/${one.id}/runs`]: { status: 201, body: runs[0] },
  });
  renderAt(`/projects/${project}/schedules?open=${one.id}`);
  await userEvent.click(await screen.findByRole("button", { name: "Pause" }));
  await userEvent.click(await screen.findByRole("button", { name: "Run now" }));
  const posted = () => calls.filter(({ method }) => method === "POST").map(({ path }) => path);
  await expect.poll(posted).toEqual([`/schedules/${one.id}/pause`, `/schedules/${one.id}/runs`]);
});

it("shows when a new schedule is due before it is created", async () => {
  const calls = service({
    [`GET /projects/${project}/schedules`]: page([]),
    "POST /schedule-previews": { body: preview },
    [`POST /projects/${project}/schedules`]: { status: 201, body: one },
  });
  renderAt(`/projects/${project}/schedules?add=true`);
  expect(await screen.findByText("Tue 1 Dec 2026, 03:00 (+01:00)")).toBeVisible();
  await userEvent.click(screen.getByRole("button", { name: "Create the schedule" }));
  expect(screen.getByText("Choose public images. The prior is trained on them.")).toBeVisible();
  await userEvent.selectOptions(screen.getByLabelText("Public images"), "five-alphabets");
  await userEvent.type(screen.getByLabelText("Declared by"), "Dana Ito");
  await userEvent.type(screen.getByLabelText("Declaration of rights"), "It is ours.");
  await userEvent.click(screen.getByRole("button", { name: "Create the schedule" }));
  const body = () => calls.find(({ method, path }) => method === "POST" && path.endsWith("/schedules"))?.body;
  await expect.poll(body).toMatchObject({ name: "nightly", cron: "0 3 * * *", target_id: target.id });
});

it("asks for the target of a new schedule unless there is one, or it was opened from its page", async () => {
  const [other, more] = [{ ...target, id: "tgt_00000000000000000000000000000009", name: "gate" }, { [`GET /projects/${project}/schedules`]: page([]), "POST /schedule-previews": { body: preview } }];
  service({ ...more, [`GET /projects/${project}/targets`]: page([other, target]) });
  const { unmount } = renderAt(`/projects/${project}/schedules?add=true`);
  expect(await screen.findByLabelText("Target")).toHaveDisplayValue("Choose a target");
  await userEvent.click(screen.getByRole("button", { name: "Create the schedule" }));
  expect(screen.getByText("Choose a target.")).toBeVisible();
  unmount();
  renderAt(`/projects/${project}/schedules?add=true&target=${target.id}`);
  expect(await screen.findByLabelText("Target")).toHaveDisplayValue(target.name);
});

it("is edited in place: what the form does not show is kept, and errors are at their fields", async () => {
  const audit = { public_dataset_id: datasets[0]?.id, attacks: ["gmi"], rights: { declared_by: "Dana", statement: "It is ours." } };
  const edited = { ...one, audit };
  const errors = [{ where: "body.cron", message: "String should have at least 9 characters", type: "string_too_short" }];
  const rejected = { status: 422, body: { title: "Invalid", status: 422, code: "invalid_request", detail: "No.", errors } };
  const calls = service({
    [`GET /projects/${project}/schedules`]: page([edited]),
    [`PATCH /schedules/${one.id}`]: rejected,
    "POST /schedule-previews": { body: preview },
  });
  renderAt(`/projects/${project}/schedules?open=${one.id}`);
  await userEvent.click(await screen.findByRole("button", { name: "Edit" }));
  const cron = await screen.findByLabelText("Cron expression");
  await userEvent.clear(cron);
  await userEvent.type(cron, "0 4 * *");
  await userEvent.click(screen.getByRole("button", { name: "Save the changes" }));
  expect(await screen.findByText("Enter at least 9 characters.")).toBeVisible();
  expect(cron).toHaveAttribute("aria-invalid", "true");
  const body = calls.find(({ method }) => method === "PATCH")?.body;
  expect(body).toMatchObject({ cron: "0 4 * *", audit: { attacks: ["gmi"], budget: 0.05, rights: audit.rights } });
  expect(body).not.toHaveProperty("target_id");
});
