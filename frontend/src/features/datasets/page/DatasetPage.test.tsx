import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it } from "vitest";
import type { DatasetInFull } from "@/api/model";
import { audit, datasetInFull, datasets, projects, session, summary } from "@/testing/fixtures";
import { page, renderAt, stubService } from "@/testing/render";

const project = projects[0]?.id ?? "";

function show(at: number, change: Partial<DatasetInFull> = {}) {
  const id = datasets[at]?.id ?? "";
  const calls = stubService({
    "GET /session": { body: session },
    "GET /projects": page(projects),
    ...Object.fromEntries(datasets.map((one) => [`GET /datasets/${one.id}`, { body: { ...datasetInFull(one.id), ...change } }])),
    [`GET /projects/${project}/audits`]: page(at === 1 ? [summary(audit(2))] : []),
  });
  return { calls, id, ...renderAt(`/projects/${project}/datasets/${id}`) };
}

it("shows samples for a purpose only, and what uses a private data set", async () => {
  const { calls, id } = show(1);
  expect(await screen.findByRole("heading", { level: 1, name: "badge-photos" })).toBeVisible();
  expect(await screen.findByRole("link", { name: /^Fail/ })).toHaveAttribute("href", `/audits/${audit(2).id}`);
  expect(calls.find(({ path }) => path.endsWith("/audits"))?.query.get("dataset_id")).toBe(id);
  expect(screen.getByText(/and the pictures of the audits that used it\. Scores/)).toBeVisible();
  const rights = within(screen.getByRole("table", { name: "Declarations of the right to use this data set" }));
  expect(rights.getByText(audit(2).declared_by)).toBeVisible();
  expect(screen.getByRole("img", { name: "64 images of badge-photos, covered" })).toBeInTheDocument();
  await userEvent.click(screen.getByRole("button", { name: "Reveal: 64 images of badge-photos" }));
  expect(screen.getByRole("dialog")).toHaveTextContent("The audit log gets one entry for the sheet, with this purpose");
  expect(screen.getByRole("dialog")).toHaveTextContent(/These images are private training images\..*64 images are shown.*until the data set is deleted/);
  await userEvent.click(screen.getByRole("radio", { name: /check the finding/ }));
  await userEvent.click(screen.getByRole("button", { name: "Reveal and log" }));
  await waitFor(() => expect(calls.find(({ query }) => query.has("original"))?.path).toBe(`/datasets/${id}/samples/image`));
});

it("asks for a purpose again for the next data set", async () => {
  const { router, calls, id } = show(0);
  const next = datasets[1]?.id ?? "";
  const to = "/projects/$projectId/datasets/$datasetId";
  await screen.findByRole("button", { name: "Reveal: 64 images of five-alphabets" });
  await router.navigate({ to, params: { projectId: project, datasetId: next } });
  await screen.findByRole("button", { name: "Reveal: 64 images of badge-photos" });
  await router.navigate({ to, params: { projectId: project, datasetId: id } }); // both are kept now
  await userEvent.click(await screen.findByRole("button", { name: "Reveal: 64 images of five-alphabets" }));
  await userEvent.click(screen.getByRole("radio", { name: /check the finding/ }));
  await userEvent.click(screen.getByRole("button", { name: "Reveal and log" }));
  await screen.findByRole("button", { name: "Cover: 64 images of five-alphabets" });
  await router.navigate({ to, params: { projectId: project, datasetId: next } });
  await userEvent.click(await screen.findByRole("button", { name: "Reveal: 64 images of badge-photos" }));
  expect(screen.getByRole("dialog")).toHaveTextContent("These images are private training images.");
  expect(calls.filter(({ path, query }) => path.includes(next) && query.has("original"))).toEqual([]);
});

it("does not say that no images are kept while they are checked", async () => {
  show(1, { state: "checking" });
  expect(await screen.findByText("Its images are shown here after the check.")).toBeVisible();
  expect(screen.queryByText("No images are kept.")).not.toBeInTheDocument();
});

it("says why a data set was rejected, and shows nothing of it", async () => {
  show(2);
  expect(await screen.findByText(/cannot be decoded/)).toBeVisible();
  expect(screen.getByText("No images are kept.")).toBeVisible();
  expect(await screen.findByText("No audit used it.")).toBeVisible();
  expect(screen.queryByRole("link", { name: "New audit with these images" })).not.toBeInTheDocument();
});

it("does not say that a deleted set had no names", async () => {
  show(0, { state: "deleted", identity_count: null, identities: null });
  expect(await screen.findByText("No images are kept.")).toBeVisible();
  expect(screen.queryByText("without names")).not.toBeInTheDocument();
});

it("says that a set has no names, and does not count its folder as an identity", async () => {
  show(0, { identity_count: null, identities: ["images"] });
  expect(await screen.findByText("without names")).toBeVisible();
  expect(screen.queryByText("The identities, by label")).not.toBeInTheDocument();
});
