import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it, vi } from "vitest";
import type { Release, ReleaseInFull } from "@/api/model";
import { NOW, preflight, problem, projects, release, session, system } from "@/testing/fixtures";
import { page, renderAt, stubService } from "@/testing/render";

const project = projects[0]?.id ?? "";
const inDays = (days: number) => new Date(NOW + days * 86_400_000).toISOString();

const SIGNATURE = {
  signer: "ML platform team",
  key_id: "sha256:5f",
  model: "face-model",
  file: "model.safetensors",
  files: 2,
  verified_at: inDays(-1),
  recorded_by: "key:ci",
};

it.each<[string, Partial<ReleaseInFull>, RegExp]>([
  ["kept", { original: "kept", original_until: inDays(6.2) }, /kept in quarantine, where nothing opens it, and deleted in 6 days\. Audits use its checked copy/],
  ["deleted at once", { original: "deleted" }, /Original file: deleted after its conversion\..*Its SHA-256 is kept/],
  ["deleted after its days", { original: "deleted", original_until: inDays(-2.2) }, /Original file: deleted 2 days ago\./],
  ["the audited file", { original: "identical" }, /identical to the uploaded one/],
  ["signed", { signature: SIGNATURE }, /Signed by ML platform team, as stated by key:ci\. Verified with the key sha256:5f\./],
  ["not sent", { original: "not_sent" }, /No file was uploaded, because the project has a checked copy/],
])("a release says where its file comes from: %s", async (_, values, said) => {
  const one = release(1, values);
  stubService({
    "GET /session": { body: session },
    "GET /projects": page(projects),
    [`GET /projects/${project}/releases`]: page([one]),
    [`GET /releases/${one.id}`]: { body: one },
    [`GET /projects/${project}/targets`]: page([]),
    [`GET /projects/${project}/uploads`]: page([]),
    "GET /system": { body: system },
  });
  renderAt(`/projects/${project}/models?open=${one.id}`);
  await screen.findByText(/People: /);
  expect(screen.getByText((_text, element) => element?.tagName === "P" && said.test(element.textContent))).toBeVisible();
});

const SHA = "a".repeat(64);
const DESCRIPTION = { convention: { height: 32, width: 32, channels: 3, mean: [0.5], std: [0.5] }, classes: ["ada", "grace"] };

/** Return a file with what that of jsdom lacks. */
function file(name: string, text: string): File {
  const piece = { arrayBuffer: () => Promise.resolve(new ArrayBuffer(1)) };
  return Object.defineProperties(new File([text], name), {
    slice: { value: () => piece },
    stream: { value: () => new Response(text).body },
    text: { value: () => Promise.resolve(text) },
  });
}

async function fill(label: string, text: string) {
  await userEvent.clear(screen.getByLabelText(label));
  await userEvent.paste(text);
}

async function describeIt(document: object) {
  await userEvent.click(screen.getByRole("button", { name: /^Advanced/ }));
  await userEvent.click(screen.getByLabelText("Description, JSON"));
  await userEvent.paste(JSON.stringify(document));
  await userEvent.click(screen.getByRole("button", { name: "Fill in the form" }));
}

describe("the form of a new release", () => {
  const target = { id: release(1).target_id, project_id: project, name: "badge-reader", description: "", created_at: release(1).created_at };
  const made = release(9, { state: "awaiting_upload", examination: null });
  const other = problem("class-order", "The file names its classes in another order: 0, 1, 10, 11.");
  function form(existing: Release[], answers: Parameters<typeof stubService>[0] = {}) {
    const calls = stubService({
      "GET /session": { body: session },
      "GET /projects": page(projects),
      [`GET /projects/${project}/releases`]: page(existing),
      [`GET /projects/${project}/targets`]: page([target]),
      [`GET /projects/${project}/uploads`]: page([]),
      "GET /system": { body: { ...system, import_hosts: ["huggingface.co"] } },
      [`POST /targets/${target.id}/releases`]: { status: 201, body: made },
      [`POST /releases/${made.id}/imports`]: { status: 201, body: {} },
      ...answers,
    });
    renderAt(`/projects/${project}/models?add=true`);
    return { created: () => calls.filter(({ method, path }) => method === "POST" && path.startsWith("/targets/")) };
  }

  async function fetchIt() {
    await userEvent.click(await screen.findByRole("radio", { name: "An address" }));
    await fill("Address", "hf://timm/resnet18@491b427b45c94c7fb0e78b5474cc919aff584bbf/model.safetensors");
    await fill("Version", "2.0");
    await fill("Target", "badge-reader");
    await describeIt(DESCRIPTION);
  }

  it("asks for the kind of the classes, with an explanation of each", async () => {
    const { created } = form([]);
    await fetchIt();
    await userEvent.selectOptions(screen.getByLabelText("Classes are"), "Conditions");
    expect(screen.getByText(/a diagnosis or state that many people share/)).toBeVisible();
    expect(screen.queryByRole("checkbox", { name: /order of the classes/ })).not.toBeInTheDocument();
    await userEvent.click(screen.getByRole("button", { name: "Fetch and check" }));
    await vi.waitFor(() => expect(created()[0]?.body).toMatchObject({ ...DESCRIPTION, classes_are: "condition", confirm_class_order: false }));
  });

  it("is filled in with what the file says, asks for the rest at its fields, and leads to the audit", async () => {
    const existing = [release(9, { version: "2.0" })];
    const { created } = form(existing, {
      "POST /checkpoints/preflight": { body: preflight },
      [`POST /releases/${made.id}/reuse`]: { body: made },
    });
    await userEvent.upload(await screen.findByLabelText("Checkpoint"), file("model.safetensors", "x"));
    await vi.waitFor(() => expect(screen.getByLabelText("Height, px")).toHaveValue("64"));
    expect(screen.getByLabelText("Channels")).toHaveDisplayValue("3, colour");
    expect(screen.getByLabelText("Classes")).toHaveValue("ada\ngrace");
    expect(screen.getByLabelText("Classes")).toHaveAccessibleDescription(/2 names for 2 outputs.*Read from the checkpoint/);
    expect(screen.getByRole("button", { name: /^Advanced/ })).toHaveTextContent("timm/vit_tiny");
    await userEvent.upload(screen.getByLabelText("Or a file of class names"), file("classes.json", '{"id2label": {"0": "ada", "1": "grace", "2": "joan"}}'));
    await vi.waitFor(() => expect(screen.getByLabelText("Classes")).toHaveValue("ada\ngrace\njoan"));
    await fill("Target", "badge-reader");
    await userEvent.click(screen.getByRole("button", { name: "Upload and check" }));
    const summary = screen.getByRole("alert");
    expect(summary).toHaveTextContent("Classes: The file has 2 outputs, and this list has 3 names.");
    await userEvent.click(within(summary).getByRole("link", { name: "Pixel values" }));
    expect(screen.getByLabelText("Pixel values")).toHaveFocus();
    expect(created()).toEqual([]);
    await userEvent.selectOptions(screen.getByLabelText("Pixel values"), "signed");
    await fill("Classes", "ada\ngrace");
    await userEvent.click(screen.getByRole("button", { name: "Upload and check" }));
    expect(await screen.findByRole("link", { name: "Audit this release" })).toHaveAttribute("href", `/projects/${project}/audits/new?release=${made.id}`);
    expect(created()[0]?.body).toMatchObject({
      architecture: "timm/vit_tiny",
      hyperparameters: { img_size: 64 },
      convention: { height: 64, width: 64, channels: 3, channel_order: "RGB", mean: [0.5], std: [0.5] },
      classes: ["ada", "grace"],
    });
  });

  it("is filled in with what an ONNX model takes and gives", async () => {
    const graph = { architecture: "exhume/onnx-graph", exact: true, num_classes: 5, channels: 1, hyperparameters: {} };
    form([], { "POST /checkpoints/preflight": { body: { ...preflight, verdict: "unknown", format: "onnx", proposals: [graph], classes: null, side: 48 } } });
    await userEvent.upload(await screen.findByLabelText("Checkpoint"), file("model.onnx", "x"));
    expect(await screen.findByText(/contains its network, with 5 classes and 1 channels\./)).toBeVisible();
    expect(screen.getByLabelText("Height, px")).toHaveValue("48");
    expect(screen.getByLabelText("Channels")).toHaveDisplayValue("1, grey");
  });

  it("takes a problem of the service to its field", async () => {
    const taken = problem("version_taken", "“badge-reader” already has a release “2.0”. Choose another version.");
    form([], { [`POST /targets/${target.id}/releases`]: { status: 409, body: taken } });
    await fetchIt();
    await userEvent.click(screen.getByRole("button", { name: "Fetch and check" }));
    await vi.waitFor(() => expect(screen.getByLabelText("Version")).toHaveAccessibleDescription(taken.detail));
  });

  it("asks before it adds a file that the project has already", async () => {
    const known = release(1, { version: "1.2", sha256: bytesToHex(sha256(utf8ToBytes("x"))) });
    const { created } = form([known, release(2, { sha256: SHA })], { "POST /checkpoints/preflight": { body: preflight }, [`POST /releases/${made.id}/reuse`]: { body: made } });
    await userEvent.upload(await screen.findByLabelText("Checkpoint"), file("model.safetensors", "x"));
    await vi.waitFor(() => expect(screen.getByLabelText("Classes")).toHaveValue("ada\ngrace"));
    await fill("Target", "badge-reader");
    await userEvent.selectOptions(screen.getByLabelText("Pixel values"), "unit");
    await userEvent.click(screen.getByRole("button", { name: "Upload and check" }));
    const link = await screen.findByRole("link", { name: "release 1.2 of badge-reader" });
    expect(link).toHaveAttribute("href", `/projects/${project}/releases/${known.id}`);
    expect(screen.queryByText(/release 2026\.11\.2 of/)).not.toBeInTheDocument();
    expect(created()).toEqual([]);
    await userEvent.click(screen.getByRole("button", { name: "Add it as another release" }));
    await vi.waitFor(() => expect(created()).toHaveLength(1));
  });

  it("runs the preflight with the classes, and says that their order was confirmed", async () => {
    const seen: unknown[] = [];
    const { created } = form([], {
      "POST /checkpoints/preflight": ({ body }) => {
        seen.push(body);
        return { body: { ...preflight, verdict: "refused", format: "onnx", proposals: [], classes: null, problem: other } };
      },
    });
    await userEvent.upload(await screen.findByLabelText("Checkpoint"), file("model.onnx", "x"));
    expect(await screen.findByText(other.detail)).toBeVisible();
    await fill("Target", "badge-reader");
    await describeIt(DESCRIPTION);
    await userEvent.click(screen.getByRole("checkbox", { name: /order of the classes in my description is right/ }));
    await userEvent.click(screen.getByRole("button", { name: "Upload and check" }));
    await vi.waitFor(() => expect(seen).toHaveLength(2));
    expect(seen[1]).toMatchObject({ classes: ["ada", "grace"], confirm_class_order: true });
    expect(created()).toEqual([]); // the preflight still rejects it
  });

  it("offers to confirm an order only where a file contradicts it", async () => {
    const { created } = form([release(3, { state: "refused", problem: other, examination: null })]);
    expect(await screen.findByText(/confirm the order in the upload form/)).toBeVisible();
    await fetchIt();
    await userEvent.click(screen.getByRole("checkbox", { name: /order of the classes in my description is right/ }));
    await userEvent.click(screen.getByRole("button", { name: "Fetch and check" }));
    await vi.waitFor(() => expect(created()[0]?.body).toMatchObject({ classes_are: "person", confirm_class_order: true }));
  });
});
