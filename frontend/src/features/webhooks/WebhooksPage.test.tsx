import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it } from "vitest";
import { deliveries, problem, projects, session, target, webhook } from "@/testing/fixtures";
import { page, renderAt, stubService } from "@/testing/render";

const project = target.project_id;
const one = webhook(1);

function service(more: Parameters<typeof stubService>[0] = {}) {
  return stubService({
    "GET /session": { body: session },
    "GET /projects": page(projects),
    [`GET /projects/${project}/webhooks`]: page([one]),
    [`GET /webhooks/${one.id}/deliveries`]: page(deliveries),
    ...more,
  });
}

it("lists deliveries with their last answer, and sends an ended one again", async () => {
  const again = deliveries[2];
  const calls = service({ [`POST /webhook-deliveries/${again?.id ?? ""}/replay`]: { status: 201, body: deliveries[0] } });
  renderAt(`/projects/${project}/webhooks?open=${one.id}`);
  const table = await screen.findByRole("table", { name: "Latest deliveries of release channel" });
  expect(within(table).getByText("503: the server is not ready, 2 attempts")).toBeVisible();
  expect(within(table).getByText("Test, sent again")).toBeVisible();
  const buttons = within(table).getAllByRole("button", { name: /Send again/ });
  expect(buttons).toHaveLength(deliveries.filter(({ finished_at }) => finished_at !== null).length);
  await userEvent.click(within(table).getByRole("button", { name: "Send again: The risk of a release rose" }));
  await expect.poll(() => calls.some(({ method, path }) => method === "POST" && path === `/webhook-deliveries/${again?.id ?? ""}/replay`)).toBe(true);
});

it("shows the secret of a new webhook once", async () => {
  const calls = service({ [`POST /projects/${project}/webhooks`]: { status: 201, body: { ...one, format: "standard", secret: "whsec_AAAA" } } });
  renderAt(`/projects/${project}/webhooks?add=true`);
  await userEvent.click(await screen.findByRole("button", { name: "Create the webhook" }));
  expect(screen.getByText("Enter an address.")).toBeVisible();
  await userEvent.type(screen.getByLabelText("Name"), "registry");
  await userEvent.type(screen.getByLabelText("Address"), "https://registry.example.com/exhume");
  await userEvent.click(screen.getByRole("button", { name: "Create the webhook" }));
  expect(await screen.findByText("whsec_AAAA")).toBeVisible();
  expect(calls.find(({ method }) => method === "POST")?.body).toEqual({
    name: "registry",
    format: "standard",
    address: "https://registry.example.com/exhume",
    events: ["decision.failed", "decision.regressed"],
  });
});

it("shows the problems of the service at their fields", async () => {
  const rejection = {
    ...problem("invalid_request", "The request does not fit the API: body.address: Input should be a valid URL."),
    errors: [{ where: "body.address", message: "Value error, give an https address", type: "value_error" }],
  };
  service({ [`POST /projects/${project}/webhooks`]: { status: 422, body: rejection } });
  renderAt(`/projects/${project}/webhooks?add=true`);
  await userEvent.click(await screen.findByLabelText("Name"));
  await userEvent.paste("registry");
  await userEvent.click(screen.getByLabelText("Address"));
  await userEvent.paste("registry");
  await userEvent.click(screen.getByRole("button", { name: "Create the webhook" }));
  await expect.poll(() => screen.getByLabelText("Address")).toHaveAccessibleDescription("Give an https address.");
  expect(screen.queryByText(/body\.address/)).not.toBeInTheDocument();
});

it("is paused", async () => {
  const calls = service({ [`PATCH /webhooks/${one.id}`]: { body: { ...one, active: false } } });
  renderAt(`/projects/${project}/webhooks?open=${one.id}`);
  await userEvent.click(await screen.findByRole("button", { name: "Pause" }));
  await expect.poll(() => calls.find(({ method }) => method === "PATCH")?.body).toEqual({ active: false });
});
