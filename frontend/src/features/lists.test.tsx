// Lists that the server searches: their requests, their addresses, and what an empty search says.
import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, it } from "vitest";
import * as fixtures from "@/testing/fixtures";
import { page, renderAt, stubService } from "@/testing/render";

const project = fixtures.projects[0]?.id ?? "";
const other = fixtures.projects[1]?.id ?? "";
const organisation = fixtures.organisation.id;

interface Case {
  what: string;
  address: string;
  path: string;
  rows: readonly unknown[];
  /** Choices in the address, and what the request asks for. */
  chosen: [string, string];
}

const at = (name: string) => ({ address: `/projects/${project}/${name}`, path: `/projects/${project}/${name}` });

const LISTS: Case[] = [
  { what: "audits", ...at("audits"), rows: fixtures.audits, chosen: ["sort=-risk&verdict=FAIL", "verdict=FAIL&sort=-risk"] },
  { what: "releases", ...at("releases"), address: `/projects/${project}/models`, rows: fixtures.releases, chosen: ["state=ready&sort=target&twin=false", "state=ready&twin=false&sort=target"] },
  { what: "data sets", ...at("datasets"), rows: fixtures.datasets, chosen: ["role=private&state=refused&sort=-images", "role=private&state=refused&sort=-images"] },
  { what: "verifiers", ...at("verifiers"), rows: fixtures.verifiers, chosen: ["state=ready&sort=name", "state=ready&sort=name"] },
  { what: "policies", ...at("policies"), rows: fixtures.policies, chosen: ["sort=-name", "sort=-name"] },
  { what: "schedules", ...at("schedules"), rows: fixtures.schedules, chosen: ["active=false&sort=next_at", "active=false&sort=next_at"] },
  { what: "webhooks", ...at("webhooks"), rows: fixtures.webhooks, chosen: ["format=slack&active=true", "format=slack&active=true"] },
  { what: "keys", ...at("keys"), rows: fixtures.keys, chosen: ["revoked=true&sort=expires_at", "revoked=true&sort=expires_at"] },
  { what: "receipts", ...at("receipts"), address: `/projects/${project}/deletions`, rows: fixtures.receipts, chosen: ["kind=identity&sort=created_at", "kind=identity&sort=created_at"] },
  { what: "entries", ...at("audit-log"), rows: fixtures.logEntries, chosen: ["kind=machine", "actor_kind=machine"] },
  { what: "members", address: "/members", path: `/organisations/${organisation}/members`, rows: fixtures.members, chosen: ["role=viewer&sort=email", "role=viewer&sort=email"] },
];

const around = {
  "GET /session": { body: fixtures.session },
  "GET /projects": page(fixtures.projects),
  "GET /organisations": page([fixtures.organisation]),
  [`GET /organisations/${organisation}/invitations`]: page([]),
  "GET /sessions": page([]),
  "GET /bundled-verifiers": page([]),
  "GET /system": { body: fixtures.system },
  ...Object.fromEntries(["audits", "datasets", "targets", "holds", "uploads"].map((name) => [`GET /projects/${project}/${name}`, page([])])),
};

beforeEach(() => localStorage.clear());

it.each(LISTS)("the search of $what is in the address, and says where it finds nothing", async ({ what, address, path, rows, chosen: [search, asked] }) => {
  const calls = stubService({ ...around, [`GET ${path}`]: ({ query }) => page(query.get("q") === "lobby" ? [] : [...rows]) });
  const { router } = renderAt(`${address}?q=lobby&${search}&state2=nonsense`);
  expect(await screen.findByText(`None of the ${what} match this search.`)).toBeVisible();
  const sent = calls.filter((call) => call.path === path && call.query.get("q") === "lobby").at(-1)?.query.toString() ?? "";
  expect(sent.replace(/^limit=\d+&q=lobby&/, "")).toBe(asked);
  expect(screen.getByRole("searchbox", { name: `Search ${what}` })).toHaveValue("lobby");
  await userEvent.click(screen.getByRole("button", { name: "Clear the search" }));
  await waitFor(() => expect(screen.queryByText(/match this search/)).not.toBeInTheDocument());
  expect(router.state.location.search).not.toHaveProperty("q");
  expect((await screen.findAllByRole("row")).length).toBeGreaterThan(rows.length);
});

it("keeps the open form of a list while it is searched, and the search while the form opens", async () => {
  const address = `/projects/${project}/webhooks`;
  stubService({ ...around, [`GET ${address}`]: page(fixtures.webhooks) });
  const { router } = renderAt(`${address}?q=chat`);
  await userEvent.click(await screen.findByRole("button", { name: "New webhook" }));
  await waitFor(() => expect(router.state.location.search).toEqual({ q: "chat", add: true }));
  await userEvent.selectOptions(screen.getByLabelText("State"), "Paused");
  await waitFor(() => expect(router.state.location.search).toEqual({ q: "chat", add: true, active: "false" }));
});

it("says why the service does not accept a search", async () => {
  const message = "String should have at most 200 characters";
  const errors = [{ where: "query.q", message, type: "string_too_long" }];
  const refused = { title: "Invalid request", status: 422, code: "invalid_request", detail: `The request does not fit the API: query.q: ${message}.`, errors };
  stubService({ ...around, [`GET /projects/${project}/keys`]: ({ query }) => (query.has("q") ? { status: 422, body: refused } : page([...fixtures.keys])) });
  renderAt(`/projects/${project}/keys?q=${"a".repeat(201)}`);
  const field = await screen.findByRole("searchbox", { name: "Search keys" });
  await waitFor(() => expect(field).toHaveAccessibleDescription("Enter at most 200 characters."));
  expect(field).toBeInvalid();
  await userEvent.click(screen.getByRole("button", { name: "Clear" }));
  expect(await screen.findByRole("table", { name: "API keys of this project" })).toBeVisible();
});

it("keeps the rows of the last search until the next ones arrive, but never those of another project", async () => {
  const answers = { ...around, [`GET /projects/${project}/keys`]: page([...fixtures.keys]) };
  stubService(answers);
  const { router } = renderAt(`/projects/${project}/keys`);
  const table = { name: "API keys of this project" };
  await screen.findByRole("table", table);
  const held = globalThis.fetch;
  globalThis.fetch = (input, init) => (String(input instanceof Request ? input.url : input).includes("/keys") ? new Promise<Response>(() => undefined) : held(input, init));
  const to = "/projects/$projectId/keys";
  await router.navigate({ to, params: { projectId: project }, search: { q: "ci" } });
  expect(screen.getByRole("table", table)).toBeVisible();
  await router.navigate({ to, params: { projectId: other } });
  await waitFor(() => expect(screen.queryByRole("table", table)).not.toBeInTheDocument());
  expect(screen.getByText("Loading keys …")).toBeVisible();
});

it.each([
  ["", "Show older priors"],
  ["?sort=-size", "Show more priors"],
])("says that further rows are older ones where the newest come first: %s", async (order, words) => {
  stubService({ ...around, [`GET /projects/${project}/priors`]: page([...fixtures.priors], "next") });
  renderAt(`/projects/${project}/priors${order}`);
  expect(await screen.findByRole("button", { name: words })).toBeVisible();
});

it("does not say that a list is empty while the rows of a cleared search are on their way", async () => {
  const address = `/projects/${project}/audits`;
  stubService({ ...around, [`GET ${address}`]: ({ query }) => page(query.get("q") === "lobby" ? [] : [...fixtures.audits]) });
  renderAt(`${address}?q=lobby`);
  await screen.findByText("None of the audits match this search.");
  const answered = globalThis.fetch;
  let arrive: (() => void) | undefined;
  const held = new Promise<void>((resolve) => (arrive = resolve));
  globalThis.fetch = async (input, init) => {
    if (String(input instanceof Request ? input.url : input).includes("/audits")) await held;
    return answered(input, init);
  };
  const field = screen.getByRole("searchbox", { name: "Search audits" });
  await userEvent.clear(field);
  expect(await screen.findByText("Loading audits …")).toBeVisible();
  expect(screen.queryByText("No audits yet")).not.toBeInTheDocument();
  arrive?.();
  expect(await screen.findByRole("row", { name: /^Fail/ })).toBeVisible();
  expect(field).toHaveFocus();
});
