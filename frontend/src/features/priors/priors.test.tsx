import { fireEvent, screen, within } from "@testing-library/react";
import { expect, it } from "vitest";
import { audit, priors, projects, session, summary } from "@/testing/fixtures";
import { page, renderAt, stubService } from "@/testing/render";

const project = projects[0]?.id ?? "";
const [pca] = priors;

it("lists priors with samples, and what they were made from", async () => {
  stubService({ "GET /session": { body: session }, "GET /projects": page(projects), [`GET /projects/${project}/priors`]: page(priors) });
  renderAt(`/projects/${project}/priors`);
  const table = within(await screen.findByRole("table", { name: "Priors of this project" }));
  const row = within(table.getByRole("row", { name: /pca/ }));
  expect(row.getByRole("link", { name: "pca" })).toHaveAttribute("href", `/projects/${project}/priors/${pca?.id ?? ""}`);
  expect(row.getByRole("link", { name: "five-alphabets" })).toHaveAttribute("href", `/projects/${project}/datasets/${pca?.public_datasets[0]?.id ?? ""}`);
  fireEvent.error(row.getByRole("img"));
  expect(row.getByText("No samples kept")).toBeVisible();
  expect(table.getByText("not recorded")).toBeVisible();
});

it("shows recipe, audits and what a deletion of a prior means", async () => {
  const id = pca?.id ?? "";
  const calls = stubService({
    "GET /session": { body: session },
    "GET /projects": page(projects),
    [`GET /priors/${id}`]: { body: pca },
    [`GET /projects/${project}/audits`]: page([summary(audit(2))]),
  });
  renderAt(`/projects/${project}/priors/${id}`);
  expect(await screen.findByRole("heading", { level: 1, name: "Prior of kind pca" })).toBeVisible();
  expect(screen.getByText("Recipe: latent_dim 48.")).toBeVisible();
  expect(screen.getByText(/An audit that needs it makes the same one again/)).toBeVisible();
  expect(screen.getByRole("button", { name: "Delete: prior of kind pca" })).toBeVisible();
  expect(await screen.findByRole("table", { name: "Audits that used this prior" })).toBeVisible();
  expect(calls.find(({ path }) => path.endsWith("/audits"))?.query.get("prior_id")).toBe(id);
});

it.each([
  ["kedmi", /^Sixteen samples .* This one also learned the answers of a release .* therefore covered\.$/],
  ["unknown", /^Sixteen samples .* This one has no recipe, and may also have learned the answers of a release .* therefore covered\.$/],
])("covers the samples of a prior of kind %s, and says why", async (kind, words) => {
  const id = pca?.id ?? "";
  stubService({
    "GET /session": { body: session },
    "GET /projects": page(projects),
    [`GET /priors/${id}`]: { body: { ...pca, kind, covered: true } },
    [`GET /projects/${project}/audits`]: page([]),
  });
  renderAt(`/projects/${project}/priors/${id}`);
  expect(await screen.findByText(words)).toBeVisible();
  expect(screen.getByRole("img", { name: /, covered$/ })).toHaveAttribute("src", `/api/v1/priors/${id}/samples/image`);
  fireEvent.click(screen.getByRole("button", { name: /^Reveal: Sixteen samples/ }));
  expect(screen.getByRole("dialog")).toHaveTextContent(/16 images are shown.* one entry for the sheet,.*until the prior is deleted/);
});
