import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, it } from "vitest";
import { audit, dataset, deletionPreview, hold, projects, receipt, receipts, session } from "@/testing/fixtures";
import { page, renderAt, stubService } from "@/testing/render";

const project = projects[0]?.id ?? "";
const set = dataset(2, { name: "badge-photos", role: "private" });
const preview = `GET /datasets/${set.id}/deletion`;

function service(more: Parameters<typeof stubService>[0] = {}) {
  return stubService({
    "GET /session": { body: session },
    "GET /projects": page(projects),
    [`GET /projects/${project}/datasets`]: page([set]),
    [`GET /projects/${project}/uploads`]: page([]),
    [`GET /projects/${project}/receipts`]: page(receipts),
    [`GET /projects/${project}/holds`]: page([hold(1)]),
    [preview]: { body: deletionPreview },
    ...more,
  });
}

async function openDialog() {
  renderAt(`/projects/${project}/datasets`);
  await userEvent.click(await screen.findByRole("button", { name: "Delete: badge-photos" }));
  return screen.findByRole("dialog", { name: "Delete “badge-photos”?" });
}

beforeEach(() => localStorage.clear());

it("shows what it destroys, asks for a reason, and ends with the receipt", async () => {
  const calls = service({ [`DELETE /datasets/${set.id}`]: { body: receipt(1) } });
  const dialog = await openDialog();
  expect(await within(dialog).findByText("360 images of 1 audit: reconstructions and controls")).toBeVisible();
  expect(within(dialog).getByText(deletionPreview.keeps[0] ?? "")).toBeVisible();
  await userEvent.click(within(dialog).getByRole("button", { name: "Delete for good" }));
  expect(within(dialog).getByText("State why, in at least three characters.")).toBeVisible();
  expect(calls.some(({ method }) => method === "DELETE")).toBe(false);
  await userEvent.type(within(dialog).getByLabelText("Reason"), "The consent was withdrawn.");
  await userEvent.click(within(dialog).getByRole("button", { name: "Delete for good" }));
  expect(await screen.findByRole("dialog", { name: "Deleted" })).toBeVisible();
  expect(Object.fromEntries(calls.find(({ method }) => method === "DELETE")?.query ?? [])).toEqual({ reason: "The consent was withdrawn.", confirm: "sha256:1f" });
  expect(screen.getByRole("link", { name: /Signed receipt/ })).toHaveAttribute("href", `/api/v1/receipts/${receipt(1).id}/attestation`);
  const lists = calls.filter(({ path }) => path === `/projects/${project}/datasets`).length;
  await userEvent.click(screen.getByRole("button", { name: "Close" }));
  await expect.poll(() => calls.filter(({ path }) => path === `/projects/${project}/datasets`).length).toBeGreaterThan(lists);
});

it.each([
  [{ running_audits: [audit(1).id] }, /1 audit that uses it has not ended/],
  [{ holds: [`${set.id}: Case 2026/17`] }, /Legal hold on .*Case 2026\/17/],
  [{}, /Its file is being checked/],
])("says what stands in the way: %j", async (blocked, words) => {
  service({ [preview]: { body: { ...deletionPreview, possible: false, ...blocked } } });
  const dialog = await openDialog();
  expect(await within(dialog).findByText(words)).toBeVisible();
  expect(within(dialog).queryByRole("button", { name: "Delete for good" })).not.toBeInTheDocument();
});

it("reads the preview again if something else would be destroyed by then", async () => {
  let asked = 0;
  const changed = { title: "Other contents than in the preview", status: 409, code: "deletion_changed", detail: "Look again." };
  const calls = service({
    [preview]: () => ({ body: { ...deletionPreview, confirmation: `sha256:${(asked += 1)}` } }),
    [`DELETE /datasets/${set.id}`]: ({ query }) => (query.get("confirm") === "sha256:1" ? { status: 409, body: changed } : { body: receipt(1) }),
  });
  const dialog = await openDialog();
  await userEvent.type(await within(dialog).findByLabelText("Reason"), "Consent withdrawn");
  await userEvent.click(within(dialog).getByRole("button", { name: "Delete for good" }));
  expect(await within(dialog).findByText("Look again.")).toBeVisible();
  await expect.poll(() => calls.filter(({ path }) => path.endsWith("/deletion")).length).toBe(2);
  await userEvent.click(within(dialog).getByRole("button", { name: "Delete for good" }));
  expect(await screen.findByRole("dialog", { name: "Deleted" })).toBeVisible();
});

it("is not offered without the scope", async () => {
  service({ "GET /session": { body: { ...session, scopes: ["audits:read"] } } });
  renderAt(`/projects/${project}/datasets`);
  expect(await screen.findByText("badge-photos")).toBeVisible();
  expect(screen.queryByRole("button", { name: /^Delete/ })).not.toBeInTheDocument();
});

it("lists receipts, and whether the files are gone", async () => {
  service();
  renderAt(`/projects/${project}/deletions`);
  const table = await screen.findByRole("table", { name: /Receipts of deletions/ });
  expect(within(table).getAllByText("The consent was withdrawn.")).toHaveLength(2);
  expect(within(table).getByText("Removed")).toBeVisible();
  expect(within(table).getByText("Being removed")).toBeVisible();
});

it("places a legal hold and releases one", async () => {
  const calls = service({
    [`GET /projects/${project}/releases`]: page([]),
    [`GET /projects/${project}/verifiers`]: page([]),
    [`POST /projects/${project}/holds`]: { status: 201, body: hold(2) },
    [`POST /holds/${hold(1).id}/release`]: { body: hold(1) },
  });
  renderAt(`/projects/${project}/deletions`);
  await userEvent.click(await screen.findByRole("button", { name: "Place a hold" }));
  await userEvent.selectOptions(screen.getByLabelText("Must be kept"), await screen.findByRole("option", { name: "badge-photos" }));
  await userEvent.click(screen.getByRole("button", { name: "Place the hold" }));
  expect(screen.getByText("State why, in at least three characters.")).toBeVisible();
  await userEvent.type(screen.getByLabelText("Reason"), "Case 4");
  await userEvent.click(screen.getByRole("button", { name: "Place the hold" }));
  await expect.poll(() => calls.find(({ method }) => method === "POST")?.body).toEqual({ subject: set.id, reason: "Case 4" });
  await userEvent.click(await screen.findByRole("button", { name: "Release the hold: Case 2026/17" }));
  await userEvent.click(screen.getByRole("button", { name: "Release the hold" }));
  await expect.poll(() => calls.some(({ path }) => path === `/holds/${hold(1).id}/release`)).toBe(true);
});
