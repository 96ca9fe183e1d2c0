import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import jsQR from "jsqr";
import { beforeEach, expect, it } from "vitest";
import { keys, me, openSession, organisation, personSession, projects, session } from "@/testing/fixtures";
import { page, renderAt, stubService } from "@/testing/render";

function service(more: Parameters<typeof stubService>[0] = {}) {
  return stubService({
    "GET /session": { body: personSession },
    "GET /projects": page(projects),
    "GET /organisations": page([organisation]),
    "GET /me": { body: me },
    "GET /me/keys": page(keys),
    "GET /sessions": page([openSession(1), openSession(2)]),
    ...more,
  });
}

const ADDRESS = "otpauth://totp/Exhume%3Adana%40acme.example?secret=JBSWY3DPEHPK3PXP&issuer=Exhume&digits=6&period=30";

beforeEach(() => localStorage.clear());

it("lists own sessions and ends another one", async () => {
  const calls = service({ [`DELETE /sessions/${openSession(2).id}`]: { status: 204, body: null } });
  renderAt("/account");
  const table = await screen.findByRole("table", { name: "Your sessions" });
  expect(within(table).getByText("this browser")).toBeVisible();
  await userEvent.click(within(table).getByRole("button", { name: /End the session .* from 192.0.2.2/ }));
  await expect.poll(() => calls.some(({ method, path }) => method === "DELETE" && path.endsWith(openSession(2).id))).toBe(true);
});

it("names the organisations of all memberships", async () => {
  service();
  renderAt("/account");
  const table = await screen.findByRole("table", { name: "Your memberships" });
  expect(within(table).getByRole("rowheader", { name: "acme" })).toBeVisible(); // another one than the session's
});

it("lists own keys, and makes one with no more scopes than the person has", async () => {
  const calls = service({
    "GET /session": { body: { ...personSession, scopes: ["audits:read", "audits:write"] } },
    "POST /me/keys": { status: 201, body: { ...keys[0], key: "exh_secret" } },
  });
  renderAt("/account");
  expect(await screen.findByRole("table", { name: "Your API keys" })).toBeVisible();
  await userEvent.click(screen.getByRole("button", { name: "New key" }));
  expect(screen.getAllByRole("checkbox")).toHaveLength(2);
  await userEvent.type(screen.getByLabelText("Name"), "laptop");
  await userEvent.click(screen.getByRole("button", { name: "Create the key" }));
  expect(await screen.findByText("exh_secret")).toBeVisible();
  expect(calls.find(({ method }) => method === "POST")?.body).toEqual({ name: "laptop", scopes: ["audits:read"], expires_in_days: 90 });
});

it("changes the password, which needs the current one", async () => {
  const calls = service({ "PUT /me/password": { status: 204, body: null } });
  renderAt("/account");
  await userEvent.type(await screen.findByLabelText("Current password"), "old password");
  await userEvent.type(screen.getByLabelText("New password"), "short");
  await userEvent.click(screen.getByRole("button", { name: "Change the password" }));
  expect(screen.getByText("Use at least 12 characters.")).toBeVisible();
  await userEvent.type(screen.getByLabelText("New password"), " but longer");
  await userEvent.click(screen.getByRole("button", { name: "Change the password" }));
  expect(await screen.findByText("The password was changed.")).toBeVisible();
  expect(calls.find(({ method }) => method === "PUT")?.body).toEqual({ current: "old password", new: "short but longer" });
});

it("sets up a second factor with the password, a secret and its first code", async () => {
  const calls = service({
    "POST /me/second-factor": { body: { secret: "JBSWY3DPEHPK3PXP", address: ADDRESS } },
    "PUT /me/second-factor": { status: 204, body: null },
  });
  renderAt("/account");
  await userEvent.click(await screen.findByRole("button", { name: "Set up an authenticator app" }));
  await userEvent.type(screen.getByLabelText("Password"), "old password");
  await userEvent.click(screen.getByRole("button", { name: "Continue" }));
  expect(await screen.findByText("JBSWY3DPEHPK3PXP")).toBeVisible();
  expect(screen.getByRole("link", { name: "Open an authenticator app on this device" })).toHaveAttribute("href", ADDRESS);
  expect(scanned(screen.getByRole("img", { name: "QR code with the secret below" }))).toBe(ADDRESS);
  await userEvent.type(screen.getByLabelText("Code"), "123456");
  await userEvent.click(screen.getByRole("button", { name: "Turn it on" }));
  expect(await screen.findByRole("button", { name: "Set up an authenticator app" })).toBeVisible();
  expect(calls.filter(({ path }) => path === "/me/second-factor").map(({ body }) => body)).toEqual([{ password: "old password", code: null }, { code: "123456" }]);
});

it("uses another membership", async () => {
  const calls = service({ "PUT /me/membership": { status: 204, body: null } });
  renderAt("/account");
  const table = await screen.findByRole("table", { name: "Your memberships" });
  expect(await within(table).findByText("default")).toBeVisible();
  await userEvent.click(within(table).getByRole("button", { name: /^Use/ }));
  await expect.poll(() => calls.find(({ path }) => path === "/me/membership")?.body).toEqual({ membership_id: me.memberships[1]?.id });
});

it("says that the operator has no account", async () => {
  const calls = service({ "GET /session": { body: session } });
  renderAt("/account");
  expect(await screen.findByRole("heading", { name: "You are the operator" })).toBeVisible();
  expect(calls.some(({ path }) => path === "/me")).toBe(false);
});

/** What a camera reads from a QR code that is drawn as one path of dark runs, `M{x},{y}h{width}` or `M{x} {y}h{width}`. */
function scanned(drawing: HTMLElement): string | undefined {
  const size = Number(drawing.getAttribute("viewBox")?.split(" ")[2]);
  const dark = [...drawing.querySelectorAll("path")].at(-1)?.getAttribute("d") ?? "";
  const scale = 4;
  const pixels = new Uint8ClampedArray((size * scale) ** 2 * 4).fill(255);
  for (const [, x, y, width] of dark.matchAll(/M(\d+)[ ,](\d+)\s?h(\d+)/g)) {
    for (let row = Number(y) * scale; row < (Number(y) + 1) * scale; row++)
      for (let column = Number(x) * scale; column < (Number(x) + Number(width)) * scale; column++) pixels.fill(0, (row * size * scale + column) * 4, (row * size * scale + column) * 4 + 3);
  }
  return jsQR(pixels, size * scale, size * scale)?.data;
}
