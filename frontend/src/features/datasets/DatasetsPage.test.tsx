import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { dataset, problem, projects, session, system } from "@/testing/fixtures";
import { page, renderAt, stubService } from "@/testing/render";
import { stubTus } from "@/testing/tus";

const project = projects[0]?.id ?? "";
const refused = dataset(1, { name: "staff", state: "refused", problem: problem("set-format", "No zip.") });
const made = dataset(9, { name: "staff-2", role: "public", state: "awaiting_upload" });

const service = (answers: Parameters<typeof stubService>[0] = {}) =>
  stubService({
    "GET /session": { body: session },
    "GET /projects": page(projects),
    [`GET /projects/${project}/datasets`]: page([refused, made]),
    [`GET /projects/${project}/uploads`]: page([]),
    "GET /system": { body: system },
    [`POST /projects/${project}/datasets`]: { status: 201, body: made },
    ...answers,
  });

/** Return a file with a stream, which that of jsdom lacks. */
function archive(name: string): File {
  const file = new File(["PK"], name, { lastModified: 1 });
  return Object.defineProperty(file, "stream", { value: () => new Response("PK").body });
}

beforeEach(() => localStorage.clear());

it("shows the notes and the digest of a data set", async () => {
  const noted = dataset(2, { name: "badge-photos", role: "private", notes: ["3 images had an alpha channel, which was dropped."] });
  stubService({
    "GET /session": { body: session },
    "GET /projects": page(projects),
    [`GET /projects/${project}/datasets`]: page([noted, dataset(3, { name: "quiet", notes: [] })]),
    [`GET /projects/${project}/uploads`]: page([]),
    "GET /system": { body: system },
  });
  renderAt(`/projects/${project}/datasets`);
  expect(await screen.findByText("3 images had an alpha channel, which was dropped.")).toBeVisible();
  expect(screen.getAllByText(/from the check of this data set/)).toHaveLength(1);
  expect(screen.getAllByTitle(noted.digest ?? "")).toHaveLength(2);
  expect(screen.queryByTitle(noted.images_digest ?? "")).not.toBeInTheDocument();
});

describe("a data set after a rejected one", () => {
  it("gets a number if its file has the same name", async () => {
    const calls = service();
    const tus = stubTus();
    renderAt(`/projects/${project}/datasets?add=true`);
    expect(await screen.findByText(/gets the name of the file and a number/)).toBeVisible();
    await userEvent.upload(screen.getByLabelText("Images"), archive("staff.zip"));
    await userEvent.click(screen.getByRole("radio", { name: /^Public images/ }));
    await userEvent.click(screen.getByRole("button", { name: "Upload and check" }));
    expect(await screen.findByRole("button", { name: "Upload another data set" })).toBeVisible();
    expect(calls.find(({ method }) => method === "POST")?.body).toEqual({ name: "staff-2", role: "public" });
    expect(tus.asked[0]).toBe(`POST /api/v1/datasets/${made.id}/uploads`);
  });

  it("keeps the name that somebody gives it", async () => {
    const calls = service();
    stubTus();
    renderAt(`/projects/${project}/datasets?add=true`);
    await userEvent.upload(await screen.findByLabelText("Images"), archive("staff.zip"));
    await userEvent.type(screen.getByLabelText("Name"), "staff");
    await userEvent.click(screen.getByRole("radio", { name: /^Public images/ }));
    await userEvent.click(screen.getByRole("button", { name: "Upload and check" }));
    expect(await screen.findByRole("button", { name: "Upload another data set" })).toBeVisible();
    expect(calls.find(({ method }) => method === "POST")?.body).toEqual({ name: "staff", role: "public" });
  });
});

describe("the form of a data set", () => {
  it("has no role beforehand, and does not send anything without one", async () => {
    const calls = service();
    renderAt(`/projects/${project}/datasets?add=true`);
    await userEvent.upload(await screen.findByLabelText("Images"), archive("staff.zip"));
    for (const role of screen.getAllByRole("radio")) expect(role).not.toBeChecked();
    await userEvent.click(screen.getByRole("button", { name: "Upload and check" }));
    expect(screen.getByRole("group", { name: "Role" })).toHaveAccessibleDescription("Choose what these images are.");
    expect(calls.filter(({ method }) => method === "POST")).toEqual([]);
  });

  it("asks before it adds a file that is a data set already, perhaps of another role", async () => {
    const known = dataset(4, { name: "five-alphabets", sha256: bytesToHex(sha256(utf8ToBytes("PK"))) });
    const taken = problem("name_taken", "A data set named “staff” already exists.", { status: 409 });
    const calls = service({
      [`GET /projects/${project}/datasets`]: page([known]),
      [`POST /projects/${project}/datasets`]: { status: 409, body: taken },
    });
    renderAt(`/projects/${project}/datasets?add=true`);
    await userEvent.upload(await screen.findByLabelText("Images"), archive("staff.zip"));
    await userEvent.click(screen.getByRole("radio", { name: /^Private images/ }));
    await userEvent.click(screen.getByRole("button", { name: "Upload and check" }));
    expect(await screen.findByText("It is already five-alphabets: public images.")).toBeVisible();
    expect(calls.filter(({ method }) => method === "POST")).toEqual([]);
    await userEvent.click(screen.getByRole("button", { name: "Add it as another data set" }));
    await vi.waitFor(() => expect(screen.getByLabelText("Name")).toHaveAccessibleDescription(taken.detail));
  });

  it("leads to an audit with the images", async () => {
    service({ [`GET /projects/${project}/datasets`]: page([{ ...made, role: "private", state: "ready" }]) });
    stubTus();
    renderAt(`/projects/${project}/datasets?add=true`);
    await userEvent.upload(await screen.findByLabelText("Images"), archive("staff.zip"));
    await userEvent.click(screen.getByRole("radio", { name: /^Private images/ }));
    await userEvent.click(screen.getByRole("button", { name: "Upload and check" }));
    const link = await screen.findByRole("link", { name: "New audit with these images" });
    expect(link).toHaveAttribute("href", `/projects/${project}/audits/new?private=${made.id}`);
  });
});
