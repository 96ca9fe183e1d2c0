import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it, vi } from "vitest";
import type { Release, ReleaseInFull } from "@/api/model";
import { NOW, problem, projects, release, session, system } from "@/testing/fixtures";
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

/** Return a file with an arrayBuffer, which that of jsdom lacks. */
function checkpoint(): File {
  const piece = { arrayBuffer: () => Promise.resolve(new ArrayBuffer(1)) };
  return Object.defineProperty(new File(["x"], "model.onnx"), "slice", { value: () => piece });
}

describe("the form of a new release", () => {
  const target = { id: release(1).target_id, project_id: project, name: "badge-reader", description: "", created_at: release(1).created_at };
  const made = release(9, { state: "awaiting_upload", examination: null });
  const other = problem("class-order", "The file names its classes in another order: 0, 1, 10, 11.");

  function form(existing: Release[]) {
    const calls = stubService({
      "GET /session": { body: session },
      "GET /projects": page(projects),
      [`GET /projects/${project}/releases`]: page(existing),
      [`GET /projects/${project}/targets`]: page([target]),
      [`GET /projects/${project}/uploads`]: page([]),
      "GET /system": { body: { ...system, import_hosts: ["huggingface.co"] } },
      [`POST /targets/${target.id}/releases`]: { status: 201, body: made },
      [`POST /releases/${made.id}/imports`]: { status: 201, body: {} },
    });
    renderAt(`/projects/${project}/models?add=true`);
    return calls;
  }

  async function send() {
    await userEvent.click(await screen.findByRole("radio", { name: "An address" }));
    await userEvent.type(screen.getByLabelText("Address"), "hf://timm/resnet18@491b427b45c94c7fb0e78b5474cc919aff584bbf/model.safetensors");
    await userEvent.type(screen.getByLabelText("Version"), "2.0");
    await userEvent.clear(screen.getByLabelText("Target"));
    await userEvent.type(screen.getByLabelText("Target"), "badge-reader");
  }

  it("asks for the kind of the classes, with an explanation of each", async () => {
    const calls = form([]);
    await send();
    await userEvent.selectOptions(screen.getByLabelText("Classes are"), "Conditions");
    expect(screen.getByText(/a diagnosis or state that many people share/)).toBeVisible();
    expect(screen.queryByRole("checkbox", { name: /order of the classes/ })).not.toBeInTheDocument();
    await userEvent.click(screen.getByRole("button", { name: "Fetch and check" }));
    await vi.waitFor(() => expect(calls.find(({ path }) => path.endsWith("/releases") && path.startsWith("/targets"))?.body).toMatchObject({ classes_are: "condition", confirm_class_order: false }));
  });

  it("runs the preflight with the classes, and says that their order was confirmed", async () => {
    const seen: unknown[] = [];
    const calls = stubService({
      "GET /session": { body: session },
      "GET /projects": page(projects),
      [`GET /projects/${project}/releases`]: page([]),
      [`GET /projects/${project}/targets`]: page([target]),
      [`GET /projects/${project}/uploads`]: page([]),
      "GET /system": { body: system },
      "POST /checkpoints/preflight": ({ body }) => {
        seen.push(body);
        return { body: { verdict: "refused", format: "onnx", proposals: [], wanted: null, problem: other } };
      },
    });
    renderAt(`/projects/${project}/models?add=true`);
    await userEvent.upload(await screen.findByLabelText("Checkpoint"), checkpoint());
    expect(await screen.findByText(other.detail)).toBeVisible();
    await userEvent.type(screen.getByLabelText("Target"), "badge-reader");
    await userEvent.click(screen.getByRole("checkbox", { name: /order of the classes in my description is right/ }));
    await userEvent.click(screen.getByRole("button", { name: "Upload and check" }));
    await vi.waitFor(() => expect(seen).toHaveLength(2));
    expect(seen[1]).toMatchObject({ classes: ["identity-000", "identity-001"], confirm_class_order: true });
    expect(calls.filter(({ method, path }) => method === "POST" && path.startsWith("/targets/"))).toEqual([]); // the preflight still rejects it
  });

  it("offers to confirm an order only where a file contradicts it", async () => {
    const calls = form([release(3, { state: "refused", problem: other, examination: null })]);
    expect(await screen.findByText(/confirm the order in the upload form/)).toBeVisible();
    await send();
    await userEvent.click(screen.getByRole("checkbox", { name: /order of the classes in my description is right/ }));
    await userEvent.click(screen.getByRole("button", { name: "Fetch and check" }));
    await vi.waitFor(() => expect(calls.find(({ path }) => path.startsWith("/targets/"))?.body).toMatchObject({ classes_are: "person", confirm_class_order: true }));
  });
});
