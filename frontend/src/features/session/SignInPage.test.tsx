import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it } from "vitest";
import { projects } from "@/testing/fixtures";
import { renderAt, stubService } from "@/testing/render";

const project = projects[0]?.id ?? "";

beforeEach(() => localStorage.clear());

describe("signing in", () => {
  it("is asked for, with the way back", async () => {
    stubService({ "GET /session": { status: 401, body: { title: "Not signed in", status: 401, code: "unauthenticated", detail: "Sign in." } } });
    const { router } = renderAt(`/projects/${project}/audits`);
    expect(await screen.findByRole("heading", { name: "Sign in" })).toBeVisible();
    expect(router.state.location.search).toEqual({ return: `/projects/${project}/audits` });
  });

  it("says when a key is not one", async () => {
    stubService({ "POST /session": { status: 401, body: { title: "Not signed in", status: 401, code: "bad_key", detail: "This key is unknown." } } });
    renderAt("/sign-in");
    await userEvent.type(await screen.findByLabelText("API key"), "exh_wrong");
    await userEvent.click(screen.getByRole("button", { name: "Sign in" }));
    expect(await screen.findByText("This key was not accepted")).toBeVisible();
    expect(screen.getByText("This key is unknown.")).toBeVisible();
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
