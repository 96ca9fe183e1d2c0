import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it } from "vitest";
import { policies, policy, policyDocument, policyTest, projects, session, target } from "@/testing/fixtures";
import { page, renderAt, stubService } from "@/testing/render";

const project = target.project_id;
const one = policy(1);

function service(more: Parameters<typeof stubService>[0] = {}) {
  return stubService({
    "GET /session": { body: session },
    "GET /projects": page(projects),
    [`GET /projects/${project}/policies`]: page(policies),
    [`GET /projects/${project}/targets`]: page([target]),
    [`GET /policies/${one.id}`]: { body: one },
    [`GET /policies/${one.id}/versions`]: page([one.newest]),
    [`POST /projects/${project}/policies/test`]: { body: policyTest },
    ...more,
  });
}

it("tests a draft on past releases before it is a version, and says what would change", async () => {
  const calls = service({ [`POST /policies/${one.id}/versions`]: { status: 201, body: { ...one.newest, version: 4 } } });
  renderAt(`/projects/${project}/policies/${one.id}`);
  await userEvent.click(await screen.findByRole("button", { name: "New version" }));
  const budget = screen.getByLabelText("With the weights, %");
  await userEvent.clear(budget);
  await userEvent.type(budget, "2");
  await userEvent.click(screen.getByRole("button", { name: "Test on past releases" }));
  expect(await screen.findByText("1 of 2 decisions would change.")).toBeVisible();
  const table = screen.getByRole("table", { name: "Decisions of this draft on past releases" });
  expect(within(table).getByRole("row", { name: /2026\.10\.9-dp.*Failed.*Passed.*changes/ })).toBeVisible();
  const wanted = { ...policyDocument, budgets: { ...policyDocument.budgets, white_box: 0.02 } };
  expect(calls.find(({ path }) => path.endsWith("/test"))?.body).toMatchObject({ policy: wanted });
  await userEvent.click(screen.getByRole("button", { name: "Add the version" }));
  await expect.poll(() => calls.find(({ method, path }) => method === "POST" && path.endsWith("/versions"))?.body).toEqual({ policy: wanted });
});

it("is created with a name, and rejected with what the service says", async () => {
  const why = "badge-reader 2026.11.2 cannot pass. A budget of 0.1 % needs 2,995 people, and it has 90.";
  const calls = service({
    [`POST /projects/${project}/policies`]: { status: 422, body: { title: "The policy can never pass", status: 422, code: "policy_cannot_pass", detail: why } },
  });
  renderAt(`/projects/${project}/policies?add=true`);
  await userEvent.click(await screen.findByRole("button", { name: "Create the policy" }));
  expect(screen.getByText("Enter a name.")).toBeVisible();
  expect(calls.some(({ method }) => method === "POST")).toBe(false);
  await userEvent.type(screen.getByLabelText("Name"), "strict");
  await userEvent.click(screen.getByRole("button", { name: "Create the policy" }));
  expect(await screen.findByText(why)).toBeVisible();
});

it("becomes the default of its project", async () => {
  const calls = service({
    [`GET /policies/${one.id}`]: { body: { ...one, is_default: false } },
    [`PUT /projects/${project}/policy`]: { body: { policy_id: one.id, inherited: false } },
  });
  renderAt(`/projects/${project}/policies/${one.id}`);
  await userEvent.click(await screen.findByRole("button", { name: "Make it the default" }));
  await expect.poll(() => calls.find(({ method }) => method === "PUT")?.body).toEqual({ policy_id: one.id });
});

it("is deleted once nothing uses it, and says what does until then", async () => {
  const why = "The policy 'production' is assigned to 'badge-reader'. Assign another policy there first.";
  const used = { status: 409, body: { title: "Policy in use", status: 409, code: "policy_in_use", detail: why } };
  const calls = service({ [`DELETE /policies/${one.id}`]: used });
  renderAt(`/projects/${project}/policies/${one.id}`);
  await userEvent.click(await screen.findByRole("button", { name: "Delete" }));
  await userEvent.click(screen.getByRole("button", { name: "Delete the policy" }));
  expect(await screen.findByText(why)).toBeVisible();
  expect(calls.filter(({ method }) => method === "DELETE")).toHaveLength(1);
});
