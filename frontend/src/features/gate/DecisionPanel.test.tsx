import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it, vi } from "vitest";
import { audits, decisions, failedJobs, identities, policies, projects, result, session, waivers } from "@/testing/fixtures";
import { page, renderAt, stubService } from "@/testing/render";

const subject = audits[1];
const id = subject?.id ?? "";
const target = subject?.release.target_id ?? "";
const NO_POLICY = { status: 409, body: { title: "No policy", status: 409, code: "no_policy", detail: "No policy applies." } };

function open(more: Parameters<typeof stubService>[0] = {}, shown = id) {
  vi.stubGlobal("EventSource", vi.fn());
  const calls = stubService({
    "GET /session": { body: session },
    "GET /projects": page(projects),
    [`GET /audits/${id}`]: { body: subject },
    [`GET /audits/${id}/result`]: { body: result },
    [`GET /audits/${id}/identities`]: page(identities),
    [`GET /targets/${target}/policy`]: { body: { policy_id: policies[0]?.id, inherited: false } },
    [`GET /audits/${id}/decision`]: { body: decisions[0] },
    ...more,
  });
  renderAt(`/audits/${shown}`);
  return calls;
}

it("says in one sentence what to do about a failed gate, and shows every rule", async () => {
  open();
  expect(await screen.findByText("What to do next")).toBeVisible();
  expect(screen.getByText(decisions[0]?.next_step ?? "")).toBeVisible();
  const table = screen.getByRole("table", { name: "Rules of the policy" });
  for (const rule of decisions[0]?.rules ?? []) expect(within(table).getByText(rule.id)).toBeVisible();
  const waived = within(table).getByText(/asked by|approved by/i);
  expect(waived).toHaveTextContent("Waived: “The person agreed in writing.” Asked by Dana Ito, approved by Robin Vale.");
  expect(screen.getByRole("link", { name: "SARIF" })).toHaveAttribute("href", `/api/v1/decisions/${decisions[0]?.id ?? ""}/report?format=sarif`);
});

it("asks for a waiver of a rule that failed, for this release", async () => {
  const calls = open({ [`POST /targets/${target}/waivers`]: { status: 201, body: waivers[0] } });
  await userEvent.click(await screen.findByRole("button", { name: "Ask for a waiver" }));
  const dialog = screen.getByRole("dialog", { name: "Ask for a waiver" });
  expect(within(dialog).getAllByRole("option")).toHaveLength(1); // one rule failed
  await userEvent.click(within(dialog).getByRole("button", { name: "Ask for it" }));
  expect(within(dialog).getByText("Say why in at least ten characters.")).toBeVisible();
  await userEvent.type(within(dialog).getByLabelText("Reason"), "It stays in this building.");
  await userEvent.click(within(dialog).getByRole("button", { name: "Ask for it" }));
  const body = () => calls.find(({ method }) => method === "POST")?.body;
  await expect.poll(body).toMatchObject({ rule: "EXH001", release_id: subject?.release.id, until_next_release: true });
  await expect.poll(() => screen.queryByRole("dialog")).toBeNull();
});

it("says that nothing is decided where no policy applies, without asking for a decision", async () => {
  const calls = open({ [`GET /targets/${target}/policy`]: { body: { policy_id: null, inherited: true } }, [`GET /audits/${id}/decision`]: NO_POLICY });
  expect(await screen.findByRole("link", { name: "Write a policy" })).toBeVisible();
  expect(calls.filter(({ path }) => path.endsWith("/decision"))).toEqual([]);
});

it("says so too where the policy is taken away in between", async () => {
  open({ [`GET /audits/${id}/decision`]: NO_POLICY });
  expect(await screen.findByRole("link", { name: "Write a policy" })).toBeVisible();
});

it("is shown for an audit that ended without a result", async () => {
  const failed = audits[4];
  const its = failed?.id ?? "";
  open(
    {
      [`GET /audits/${its}`]: { body: failed },
      [`GET /audits/${its}/jobs`]: page(failedJobs),
      [`GET /audits/${its}/decision`]: { body: decisions[0] },
    },
    its,
  );
  expect(await screen.findByRole("heading", { name: "Release gate" })).toBeVisible();
  expect(await screen.findByRole("table", { name: "Rules of the policy" })).toBeVisible();
});
