import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, it, vi } from "vitest";
import { saveBlob } from "@/plots/download";
import { serveFinished } from "@/testing/finishedAudit";
import { audit, datasetInFull, datasets, identityInFull, identityPreview, projects, receipt, session } from "@/testing/fixtures";
import { page, renderAt, stubService } from "@/testing/render";

vi.mock("@/plots/download", async (original) => ({ ...(await original<typeof import("@/plots/download")>()), saveBlob: vi.fn() }));

const project = projects[0]?.id ?? "";
const subject = audit(2);
const { name } = identityInFull(1);
const names = [{ dataset_id: subject.private_dataset?.id, name }];
const POST = (what: string) => `POST /projects/${project}/identities/${what}`;

function show(extra: Parameters<typeof stubService>[0] = {}) {
  const calls = serveFinished(subject, { [`GET /audits/${subject.id}/identities/3`]: { body: identityInFull(1) }, [POST("preview")]: { body: identityPreview }, ...extra });
  renderAt(`/audits/${subject.id}/identities/3`);
  return calls;
}

async function openErasure() {
  await userEvent.click(await screen.findByRole("button", { name: "Erase …" }));
  return within(await screen.findByRole("dialog", { name: `Erase “${name}”?` }));
}

function answerLater() {
  let answer: (given: { body: unknown }) => void = () => undefined;
  const held = new Promise<{ body: unknown }>((resolve) => (answer = resolve));
  return { held, answer: (given: { body: unknown }) => answer(given) };
}

beforeEach(() => localStorage.clear());

it("shows what an erasure would do, asks for reason and name, and ends with the receipt", async () => {
  const calls = show({ [POST("erase")]: { body: receipt(3, { kind: "identity", subject: "erased-1f0a52c4b97d" }) } });
  const dialog = await openErasure();
  expect(await dialog.findByText("20 images of the data set badge-photos")).toBeVisible();
  expect(dialog.getByText("12 images of audits: reconstructions and controls")).toBeVisible();
  expect(dialog.getByText("Class 3 of release 1.2")).toBeVisible();
  expect(dialog.getByText(/which may remember the identity/)).toBeVisible();
  const erase = dialog.getByRole("button", { name: "Erase for good" });
  await userEvent.type(dialog.getByLabelText("Reason"), "Request 7");
  await userEvent.type(dialog.getByLabelText("Name, to confirm"), "somebody else");
  await userEvent.click(erase);
  expect(dialog.getByText(`Type “${name}”, as the data set names it.`)).toBeVisible();
  expect(calls.some(({ path }) => path.endsWith("/erase"))).toBe(false);
  await userEvent.clear(dialog.getByLabelText("Name, to confirm"));
  await userEvent.type(dialog.getByLabelText("Name, to confirm"), name);
  await userEvent.click(erase);
  expect(await screen.findByRole("dialog", { name: "Erased" })).toHaveTextContent("“erased-1f0a52c4b97d” stands in place of the name.");
  expect(calls.find(({ path }) => path.endsWith("/erase"))?.body).toEqual({ names, reason: "Request 7", confirm: "sha256:2e" });
  expect(screen.getByRole("link", { name: /Signed receipt/ })).toHaveAttribute("href", `/api/v1/receipts/${receipt(3).id}/attestation`);
});

it("places the problem of a reason with the name at the reason", async () => {
  const told = { title: "The reason names the identity", status: 422, code: "name_in_reason", detail: "The receipt would keep the name." };
  show({ [POST("erase")]: { status: 422, body: told } });
  const dialog = await openErasure();
  await userEvent.type(await dialog.findByLabelText("Reason"), `${name} asked`);
  await userEvent.type(dialog.getByLabelText("Name, to confirm"), name);
  await userEvent.click(dialog.getByRole("button", { name: "Erase for good" }));
  await expect.poll(() => dialog.getByLabelText("Reason")).toHaveAccessibleDescription("The receipt would keep the name.");
});

it.each([
  [{ holds: ["dst_2: Case 2026/17"] }, /Legal hold on .*Case 2026\/17/],
  [{ running_audits: [audit(1).id] }, /1 audit that uses it has not ended/],
  [{ left_empty: [`dst_${"0".repeat(32)}`] }, "Nobody else would be left in the data set. Delete the data set instead."],
])("says what stands in the way of an erasure: %j", async (blocked, words) => {
  show({ [POST("preview")]: { body: { ...identityPreview, possible: false, ...blocked } } });
  const dialog = await openErasure();
  expect(await dialog.findByText(words)).toBeVisible();
  expect(dialog.queryByRole("button", { name: "Erase for good" })).not.toBeInTheDocument();
});

it("stays open while the service erases, so that the receipt can be read", async () => {
  const { held, answer } = answerLater();
  show({ [POST("erase")]: () => held });
  const dialog = await openErasure();
  await userEvent.type(await dialog.findByLabelText("Reason"), "Request 7");
  await userEvent.type(dialog.getByLabelText("Name, to confirm"), name);
  await userEvent.click(dialog.getByRole("button", { name: "Erase for good" }));
  expect(await dialog.findByRole("button", { name: "Erasing …" })).toBeDisabled();
  expect(dialog.getByRole("button", { name: "Keep it" })).toBeDisabled();
  await userEvent.keyboard("{Escape}");
  answer({ body: receipt(3, { kind: "identity", subject: "erased-1f0a52c4b97d" }) });
  expect(await screen.findByRole("dialog", { name: "Erased" })).toBeVisible();
  await userEvent.keyboard("{Escape}");
  expect(screen.queryByRole("dialog")).not.toBeInTheDocument();
});

it("shows a new preview when the old one does not hold, and confirms that one", async () => {
  const told = { title: "Other contents than in the preview", status: 409, code: "deletion_changed", detail: "Look again." };
  const confirmed: unknown[] = [];
  let looks = 0;
  show({
    [POST("preview")]: () => ({ body: { ...identityPreview, pictures: 12 + looks, confirmation: `sha256:${String(looks++)}` } }),
    [POST("erase")]: ({ body }) => {
      confirmed.push((body as { confirm: string }).confirm);
      return confirmed.length === 1 ? { status: 409, body: told } : { body: receipt(3, { kind: "identity" }) };
    },
  });
  const dialog = await openErasure();
  await userEvent.type(await dialog.findByLabelText("Reason"), "Request 7");
  await userEvent.type(dialog.getByLabelText("Name, to confirm"), name);
  await userEvent.click(dialog.getByRole("button", { name: "Erase for good" }));
  expect(await dialog.findByText("Other contents than in the preview")).toBeVisible();
  expect(await dialog.findByText("13 images of audits: reconstructions and controls")).toBeVisible();
  await userEvent.click(dialog.getByRole("button", { name: "Erase for good" }));
  expect(await screen.findByRole("dialog", { name: "Erased" })).toBeVisible();
  expect(confirmed).toEqual(["sha256:0", "sha256:1"]);
});

it("saves the archive of an export whose dialog was closed meanwhile", async () => {
  vi.mocked(saveBlob).mockClear();
  const { held, answer } = answerLater();
  show({ [POST("export")]: () => held });
  await userEvent.click(await screen.findByRole("button", { name: "Export …" }));
  await userEvent.type(screen.getByLabelText("Purpose"), "Request 7");
  await userEvent.click(screen.getByRole("button", { name: "Download and log" }));
  await userEvent.keyboard("{Escape}");
  expect(screen.queryByRole("dialog")).not.toBeInTheDocument();
  answer({ body: "the archive" });
  await vi.waitFor(() => expect(saveBlob).toHaveBeenCalledWith("identity.zip", expect.anything()));
});

it("exports what is held about an identity, for a purpose", async () => {
  const calls = show({ [POST("export")]: { body: "the archive" } });
  await userEvent.click(await screen.findByRole("button", { name: "Export …" }));
  const dialog = within(screen.getByRole("dialog", { name: `Export what is held about “${name}”` }));
  await userEvent.click(dialog.getByRole("button", { name: "Download and log" }));
  expect(dialog.getByText("State the purpose, in at least three characters.")).toBeVisible();
  await userEvent.type(dialog.getByLabelText("Purpose"), "Request 7");
  await userEvent.click(dialog.getByRole("button", { name: "Download and log" }));
  expect(await dialog.findByText("The archive was saved as identity.zip. It is not encrypted.")).toBeVisible();
  expect(calls.find(({ path }) => path.endsWith("/export"))?.body).toEqual({ names, purpose: "Request 7" });
  expect(saveBlob).toHaveBeenCalledWith("identity.zip", expect.anything());
});

it("offers each request to who may make it", async () => {
  show({ "GET /session": { body: { ...session, scopes: ["audits:read", "reconstructions:reveal"] } } });
  expect(await screen.findByRole("button", { name: "Export …" })).toBeVisible();
  expect(screen.queryByRole("button", { name: "Erase …" })).not.toBeInTheDocument();
});

it("offers nothing for an identity that was erased", async () => {
  const found = identityInFull(1);
  const erased = { ...found, name: "erased-1f0a52c4b97d", nearest_reference: null, judgements: found.judgements.map((one) => ({ ...one, references: [] })) };
  show({ [`GET /audits/${subject.id}/identities/3`]: { body: erased } });
  expect(await screen.findByRole("heading", { level: 1, name: erased.name })).toBeVisible();
  expect(screen.queryByRole("button", { name: "Export …" })).not.toBeInTheDocument();
  for (const picture of [`Reconstruction of ${erased.name}`, "Sample of the prior"]) expect(screen.queryByRole("button", { name: `Reveal: ${picture}` })).not.toBeInTheDocument();
  expect(screen.getByText("Deleted.")).toBeVisible(); // its private images
  expect(screen.getByRole("button", { name: "Reveal: Nearest public image" })).toBeVisible();
});

it("finds an identity of a private data set by its name", async () => {
  const id = datasets[1]?.id ?? "";
  const set = { ...datasetInFull(id), identities: ["ada", "grace"] };
  const calls = stubService({
    "GET /session": { body: session },
    "GET /projects": page(projects),
    [`GET /datasets/${id}`]: { body: set },
    [`GET /projects/${project}/audits`]: page([]),
    [POST("preview")]: { body: identityPreview },
    [POST("erase")]: { body: receipt(3, { kind: "identity" }) },
  });
  renderAt(`/projects/${project}/datasets/${id}`);
  await userEvent.type(await screen.findByLabelText("Name"), "ad");
  await userEvent.click(screen.getByRole("button", { name: "Erase …" }));
  expect(screen.getByText("The data set does not have this name.")).toBeVisible();
  expect(calls.some(({ method }) => method === "POST")).toBe(false);
  await userEvent.type(screen.getByLabelText("Name"), "a");
  await userEvent.click(screen.getByRole("button", { name: "Erase …" }));
  expect(await screen.findByRole("dialog", { name: "Erase “ada”?" })).toHaveTextContent("20 images of the data set badge-photos");
  expect(calls.find(({ method }) => method === "POST")?.body).toEqual({ names: [{ dataset_id: id, name: "ada" }] });
  const dialog = within(screen.getByRole("dialog"));
  await userEvent.type(dialog.getByLabelText("Reason"), "Request 7");
  await userEvent.type(dialog.getByLabelText("Name, to confirm"), "ada");
  await userEvent.click(dialog.getByRole("button", { name: "Erase for good" }));
  await userEvent.click(await screen.findByRole("button", { name: "Close" }));
  expect(screen.getByLabelText("Name")).toHaveValue(""); // the erased name is not left on the page
});
