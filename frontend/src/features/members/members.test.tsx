import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it } from "vitest";
import { invitation, invitations, member, members, openSession, organisation, personSession, projects, session } from "@/testing/fixtures";
import { page, renderAt, stubService } from "@/testing/render";

const path = `/organisations/${organisation.id}`;

function service(more: Parameters<typeof stubService>[0] = {}) {
  return stubService({
    "GET /session": { body: personSession },
    "GET /projects": page(projects),
    "GET /organisations": page([organisation]),
    "GET /sessions": page([openSession(1)]),
    [`GET ${path}/members`]: page(members),
    [`GET ${path}/invitations`]: page(invitations),
    ...more,
  });
}

beforeEach(() => {
  localStorage.clear();
  sessionStorage.clear();
});

describe("the members of an organisation", () => {
  it("get other roles, and the refusal of the service is shown", async () => {
    const calls = service({
      [`PATCH /members/${member(1).id}`]: { status: 409, body: { title: "Last administrator", status: 409, code: "last_administrator", detail: "Appoint another one first." } },
    });
    renderAt("/members");
    await userEvent.selectOptions(await screen.findByLabelText("Role of dana@example.com"), "Viewer");
    expect(await screen.findByText("Appoint another one first.")).toBeVisible();
    expect(calls.find(({ method }) => method === "PATCH")?.body).toEqual({ role: "viewer" });
    expect(screen.getByLabelText("Role of dana@example.com")).toHaveValue("administrator");
  });

  it("are removed after a question", async () => {
    const calls = service({ [`DELETE /members/${member(2).id}`]: { status: 204, body: null } });
    renderAt("/members");
    await userEvent.click(await screen.findByRole("button", { name: "Remove eve@example.com" }));
    expect(calls.some(({ method }) => method === "DELETE")).toBe(false);
    await userEvent.click(screen.getByRole("button", { name: "Remove the member" }));
    await expect.poll(() => calls.some(({ method }) => method === "DELETE")).toBe(true);
  });

  it("are not shown a problem of another member", async () => {
    service({ [`DELETE /members/${member(2).id}`]: { status: 409, body: { title: "Last administrator", status: 409, code: "last_administrator", detail: "Appoint another one first." } } });
    renderAt("/members");
    await userEvent.click(await screen.findByRole("button", { name: "Remove eve@example.com" }));
    await userEvent.click(screen.getByRole("button", { name: "Remove the member" }));
    expect(await screen.findByText("Appoint another one first.")).toBeVisible();
    await userEvent.click(screen.getByRole("button", { name: "Keep them" }));
    await userEvent.click(screen.getByRole("button", { name: "Remove dana@example.com" }));
    expect(screen.queryByText("Appoint another one first.")).not.toBeInTheDocument();
  });

  it("are those of the organisation that owns the current project, for the operator", async () => {
    const older = { ...organisation, id: organisation.id.replace(/.$/, "e"), name: "older" };
    service({ "GET /session": { body: session }, "GET /organisations": page([organisation, older]), [`GET /organisations/${older.id}/members`]: page([]), [`GET /organisations/${older.id}/invitations`]: page([]) });
    renderAt("/members");
    expect(await screen.findByLabelText("Organisation")).toHaveValue(organisation.id);
  });

  it("are only listed without the scope to change them", async () => {
    const calls = service({ "GET /session": { body: { ...personSession, scopes: ["audits:read"] } } });
    renderAt("/members");
    expect(await screen.findByText("eve@example.com")).toBeVisible();
    expect(screen.queryByRole("button", { name: /Remove|Invite/ })).not.toBeInTheDocument();
    expect(screen.queryByRole("combobox", { name: /^Role of/ })).not.toBeInTheDocument();
    expect(calls.some((call) => call.path === `${path}/invitations`)).toBe(false);
  });
});

describe("an invitation", () => {
  it("is made for a project, and its link is shown once", async () => {
    const calls = service({ [`POST ${path}/invitations`]: { status: 201, body: { ...invitation(4), link: "https://exhume.example/invitation#token=abc" } } });
    renderAt("/members");
    await userEvent.click(await screen.findByRole("button", { name: "Invite somebody" }));
    await userEvent.type(screen.getByLabelText("E-mail"), "kim@example.com");
    await userEvent.selectOptions(screen.getByLabelText("In"), projects[0]?.name ?? "");
    await userEvent.click(screen.getByRole("button", { name: "Create the invitation" }));
    expect(await screen.findByText("https://exhume.example/invitation#token=abc")).toBeVisible();
    expect(calls.find(({ method }) => method === "POST")?.body).toEqual({ email: "kim@example.com", role: "auditor", project_id: projects[0]?.id, expires_in_days: 7 });
  });

  it("can be withdrawn only while it is open", async () => {
    const calls = service({ [`DELETE /invitations/${invitation(1).id}`]: { status: 204, body: null } });
    renderAt("/members");
    const table = await screen.findByRole("table", { name: "Invitations" });
    expect(within(table).getByText("expired")).toBeVisible();
    expect(within(table).getByText("accepted")).toBeVisible();
    await userEvent.click(within(table).getByRole("button", { name: "Withdraw the invitation of kim@example.com" }));
    expect(within(table).getAllByRole("button")).toHaveLength(1);
    await expect.poll(() => calls.some(({ method }) => method === "DELETE")).toBe(true);
  });

  it("says whether it was sent by e-mail, and when it is sent again", async () => {
    const problem = "The mail server did not accept the message.";
    const rows = [
      invitation(1, { mailed_at: new Date().toISOString() }),
      invitation(2, { mail_problem: problem, mail_next_at: new Date(Date.now() + 300_000).toISOString() }),
      invitation(3, { mail_problem: problem }),
      invitation(4, { mail_next_at: new Date().toISOString() }),
    ];
    service({ [`GET ${path}/invitations`]: page(rows) });
    renderAt("/members");
    const table = await screen.findByRole("table", { name: "Invitations" });
    const cells = within(table).getAllByText(/by e-mail/);
    expect(cells.map(({ textContent }) => textContent)).toEqual([
      ", sent by e-mail",
      expect.stringMatching(/^Not sent by e-mail: The mail server did not accept the message\. Next attempt in 5 min/),
      `Not sent by e-mail: ${problem}`,
      ", waits to be sent by e-mail",
    ]);
  });

  it("is accepted with a new account", async () => {
    const calls = service({ "POST /invitations/accept": { body: personSession } });
    window.location.hash = "#token=abc";
    renderAt("/invitation");
    await userEvent.type(await screen.findByLabelText("Name"), "Kim");
    await userEvent.type(screen.getByLabelText("Password"), "long enough for it");
    expect(window.location.hash).toBe("");
    await userEvent.click(screen.getByRole("button", { name: "Accept" }));
    await expect.poll(() => calls.find(({ path: at }) => at === "/invitations/accept")?.body).toEqual({ token: "abc", name: "Kim", password: "long enough for it" });
    await expect.poll(() => sessionStorage.length).toBe(0);
  });

  it("survives signing in to an account, which it then needs no password for", async () => {
    const calls = service({ "POST /session": { body: personSession }, "POST /invitations/accept": { body: personSession } });
    window.location.hash = "#token=abc";
    renderAt("/invitation");
    await userEvent.click(await screen.findByRole("link", { name: /I have an account/ }));
    await userEvent.type(await screen.findByLabelText("E-mail"), "dana@example.com");
    await userEvent.type(screen.getByLabelText("Password"), "correct horse");
    await userEvent.click(screen.getByRole("button", { name: "Sign in" }));
    await userEvent.click(await screen.findByRole("button", { name: "Accept" }));
    await expect.poll(() => calls.find(({ path: at }) => at === "/invitations/accept")?.body).toEqual({ token: "abc" });
  });
});
