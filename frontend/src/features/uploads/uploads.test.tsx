import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it } from "vitest";
import type { Upload } from "@/api/model";
import { problem, projects, release, session, system } from "@/testing/fixtures";
import { page, renderAt, stubService } from "@/testing/render";

const project = projects[0]?.id ?? "";
const ADDRESS = "hf://timm/resnet18@491b427b45c94c7fb0e78b5474cc919aff584bbf/model.safetensors";
const waiting = release(1, { version: "2.0", state: "awaiting_upload", sha256: null, size_bytes: null, examination: null });

function upload(id: string, values: Partial<Upload>): Upload {
  const soon = new Date(Date.now() + 3_600_000).toISOString();
  const owner = { project_id: project, release_id: waiting.id, dataset_id: null, verifier_id: null };
  const file = { filename: "model.safetensors", sha256: null, length: 2_000_000, received: 500_000, address: null };
  return { id, ...owner, ...file, state: "receiving", problem: null, expires_at: soon, created_at: soon, ...values };
}

function around(uploads: Upload[], import_hosts: string[] = []) {
  return {
    "GET /session": { body: session },
    "GET /projects": page(projects),
    [`GET /projects/${project}/releases`]: page([waiting]),
    [`GET /projects/${project}/targets`]: page([{ id: waiting.target_id, project_id: project, name: "badge-reader", description: "", created_at: waiting.created_at }]),
    [`GET /projects/${project}/uploads`]: page(uploads),
    "GET /system": { body: { ...system, import_hosts } },
  };
}

it("an unfinished upload is listed with its progress, and deleted on request", async () => {
  const calls = stubService({ ...around([upload("upl_1", {})]), "DELETE /uploads/upl_1": { status: 204, body: null } });
  renderAt(`/projects/${project}/models`);
  const row = await screen.findByRole("row", { name: /of 1\.9 MiB|of 2\.0 MB|of 2 MB/ });
  expect(row).toHaveTextContent("badge-reader 2.0");
  await userEvent.click(within(row).getByRole("button", { name: "Delete model.safetensors" }));
  expect(calls.map(({ method, path }) => `${method} ${path}`)).toContain("DELETE /uploads/upl_1");
});

it("a rejected fetch says why, until another one is started", async () => {
  const network = problem("import_network", "The host leads to 10.0.0.1.", { title: "Not allowed", status: 403 });
  const refused = upload("upl_1", { state: "refused", address: ADDRESS, problem: network });
  stubService(around([refused]));
  const first = renderAt(`/projects/${project}/models`);
  expect(await screen.findByText("badge-reader 2.0 was not fetched")).toBeVisible();
  expect(screen.getByText("The host leads to 10.0.0.1.")).toBeVisible();
  first.unmount();
  stubService(around([upload("upl_2", { address: ADDRESS, length: 0, received: 0 }), refused]));
  renderAt(`/projects/${project}/models`);
  expect(await screen.findByText("not started")).toBeVisible();
  expect(screen.queryByText("The host leads to 10.0.0.1.")).not.toBeInTheDocument();
});

it("a release is fetched from an address where the operator allows it", async () => {
  const calls = stubService({
    ...around([], ["huggingface.co", "*.hf.co"]),
    [`POST /targets/${waiting.target_id}/releases`]: { status: 201, body: waiting },
    [`POST /releases/${waiting.id}/imports`]: { status: 201, body: upload("upl_1", { address: ADDRESS }) },
  });
  renderAt(`/projects/${project}/models?add=true`);
  await userEvent.click(await screen.findByRole("radio", { name: "An address" }));
  await userEvent.click(screen.getByRole("button", { name: "Fetch and check" }));
  expect(screen.getByText("Enter an address.")).toBeVisible();
  expect(screen.getByLabelText("Version")).toHaveAccessibleDescription("Enter a version.");
  await userEvent.click(screen.getByLabelText("Address"));
  await userEvent.paste(ADDRESS);
  await userEvent.type(screen.getByLabelText("Version"), "2.0");
  await userEvent.clear(screen.getByLabelText("Target"));
  await userEvent.type(screen.getByLabelText("Target"), "badge-reader");
  await userEvent.type(screen.getByLabelText("Height, px"), "32");
  await userEvent.type(screen.getByLabelText("Width, px"), "32");
  await userEvent.selectOptions(screen.getByLabelText("Channels"), "1");
  await userEvent.selectOptions(screen.getByLabelText("Pixel values"), "unit");
  await userEvent.type(screen.getByLabelText("Classes"), "ada{enter}grace");
  await userEvent.click(screen.getByRole("button", { name: "Fetch and check" }));
  expect(await screen.findByText(/fetches the file and checks it/)).toBeVisible();
  expect(calls.find(({ path }) => path.endsWith("/imports"))?.body).toEqual({ address: ADDRESS, sha256: null });
});

it("no address is offered where fetching is off", async () => {
  stubService(around([]));
  renderAt(`/projects/${project}/models?add=true`);
  expect(await screen.findByLabelText("Checkpoint")).toBeVisible();
  expect(screen.queryByRole("radio", { name: "An address" })).not.toBeInTheDocument();
});
