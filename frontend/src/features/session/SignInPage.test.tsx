import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it } from "vitest";
import { personSession, projects } from "@/testing/fixtures";
import { page, renderAt, stubService } from "@/testing/render";

const project = projects[0]?.id ?? "";
const NOT_SIGNED_IN = { status: 401, body: { title: "Not signed in", status: 401, code: "unauthenticated", detail: "Sign in." } };

beforeEach(() => localStorage.clear());

describe("signing in", () => {
  it("is asked for, with the way back", async () => {
    stubService({ "GET /session": NOT_SIGNED_IN });
    const { router } = renderAt(`/projects/${project}/audits`);
    expect(await screen.findByRole("heading", { name: "Sign in" })).toBeVisible();
    expect(router.state.location.search).toEqual({ return: `/projects/${project}/audits` });
    expect(screen.queryByText("Your session has ended")).not.toBeInTheDocument();
  });

  it("says why it is asked for again after a session has ended", async () => {
    stubService({ "GET /session": { body: personSession }, "GET /projects": page(projects), [`GET /projects/${project}/audits`]: NOT_SIGNED_IN });
    const { router } = renderAt(`/projects/${project}/audits`);
    expect(await screen.findByText("Your session has ended")).toBeVisible();
    expect(router.state.location.search).toEqual({ return: `/projects/${project}/audits`, ended: true });
  });

  it("says when a key is not one", async () => {
    stubService({ "POST /session": { status: 401, body: { title: "Not signed in", status: 401, code: "bad_key", detail: "This key is unknown." } } });
    renderAt("/sign-in");
    await userEvent.type(await screen.findByLabelText("API key"), "exh_wrong");
    await userEvent.click(screen.getByRole("button", { name: "Sign in with the key" }));
    expect(await screen.findByText("This key was not accepted")).toBeVisible();
    expect(screen.getByText("This key is unknown.")).toBeVisible();
  });
});

describe("single sign-on", () => {
  it.each([
    [null, 0],
    ["Acme ID", 1],
  ])("is offered only with a provider: %s", async (single_sign_on, buttons) => {
    const calls = stubService({ "GET /session/ways": { body: { single_sign_on } } });
    renderAt("/sign-in");
    await expect.poll(() => calls.some(({ path }) => path === "/session/ways")).toBe(true);
    if (buttons > 0) expect(await screen.findByRole("link", { name: "Sign in with Acme ID" })).toHaveAttribute("href", "/api/v1/session/oidc");
    expect(screen.queryAllByRole("link", { name: /^Sign in with/ })).toHaveLength(buttons);
  });
});

describe("an account with a second factor", () => {
  it("is asked for a code after the password, and again if the code is wrong", async () => {
    const refusals = ["second_factor_required", "bad_password"];
    const refusal = (code: string | undefined) => ({ status: 401, body: { title: code === "bad_password" ? "Sign-in failed" : "Code needed", status: 401, code, detail: "No." } });
    const calls = stubService({
      "POST /session": () => (refusals.length > 0 ? refusal(refusals.shift()) : { body: personSession }),
      "GET /session": { body: personSession },
      "GET /projects": page([]),
    });
    const { router } = renderAt("/sign-in?return=/account");
    await userEvent.type(await screen.findByLabelText("E-mail"), "dana@example.com");
    await userEvent.type(screen.getByLabelText("Password"), "correct horse");
    expect(screen.queryByLabelText("Code")).not.toBeInTheDocument();
    await userEvent.click(screen.getByRole("button", { name: "Sign in" }));
    await userEvent.type(await screen.findByLabelText("Code"), "123 456");
    expect(screen.queryByText("Code needed")).not.toBeInTheDocument();
    await userEvent.click(screen.getByRole("button", { name: "Sign in" }));
    expect(await screen.findByText("Sign-in failed")).toBeVisible();
    await userEvent.clear(screen.getByLabelText("Code"));
    await userEvent.type(screen.getByLabelText("Code"), "654321");
    await userEvent.click(screen.getByRole("button", { name: "Sign in" }));
    await expect.poll(() => router.state.location.pathname).toBe("/account");
    const account = { email: "dana@example.com", password: "correct horse" };
    expect(calls.filter(({ method }) => method === "POST").map(({ body }) => body)).toEqual([account, { ...account, code: "123456" }, { ...account, code: "654321" }]);
  });
});

describe("a sign-in link of a person", () => {
  it("leads to the account, where the lost password is replaced", async () => {
    stubService({ "POST /session": { body: personSession }, "GET /session": { body: personSession }, "GET /projects": page([]) });
    window.location.hash = "#token=recovery";
    const { router } = renderAt("/sign-in");
    await expect.poll(() => router.state.location.pathname).toBe("/account");
  });
});

describe("a sign-in link that was used", () => {
  it("says so, with the advice of the service", async () => {
    const refused = { title: "Not signed in", status: 401, code: "bad_link", detail: "This sign-in link has been used or has expired. On the server's machine, `exhume sign-in` prints a new one." };
    stubService({ "POST /session": { status: 401, body: refused } });
    window.location.hash = "#token=used";
    renderAt("/sign-in");
    const alert = await screen.findByRole("alert");
    expect(alert).toHaveTextContent("This link no longer works");
    expect(alert).toHaveTextContent("exhume sign-in");
  });
});
