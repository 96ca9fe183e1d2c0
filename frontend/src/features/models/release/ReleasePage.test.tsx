import { screen, within } from "@testing-library/react";
import { expect, it } from "vitest";
import { audit, problem, projects, release, session, summary } from "@/testing/fixtures";
import { page, renderAt, stubService } from "@/testing/render";

const project = projects[0]?.id ?? "";

function show(one: ReturnType<typeof release>, audits = [summary(audit(2))]) {
  const calls = stubService({
    "GET /session": { body: session },
    "GET /projects": page(projects),
    [`GET /releases/${one.id}`]: { body: one },
    [`GET /projects/${project}/audits`]: page(audits),
  });
  renderAt(`/projects/${project}/releases/${one.id}`);
  return calls;
}

it("shows audits, checks, network, file and rights of a release", async () => {
  const one = release(2, {
    origin: { by: "source:registry", at: "2026-11-01T10:00:00Z", address: "hf://acme/badge@1" },
    signature: { signer: "ML platform", key_id: "sha256:5f", model: "m", file: "f", files: 1, verified_at: "2026-11-01T10:00:00Z", recorded_by: "key:ci" },
  });
  const calls = show(one);
  expect(await screen.findByRole("heading", { level: 1, name: "badge-reader 2026.11.2" })).toBeVisible();
  const audits = within(await screen.findByRole("table", { name: "Audits of badge-reader 2026.11.2" }));
  expect(audits.getByRole("link", { name: /^Fail/ })).toHaveAttribute("href", `/audits/${audit(2).id}`);
  expect(calls.find(({ path }) => path.endsWith("/audits"))?.query.get("release_id")).toBe(one.id);
  expect(screen.getByText("The weights fit the architecture exhume/small-cnn.")).toBeVisible();
  expect(screen.getByText(/^851\D034$/)).toBeVisible();
  expect(screen.getByText("hf://acme/badge@1")).toBeVisible();
  expect(screen.getByText(/^Signed by ML platform/)).toBeVisible();
  const rights = within(screen.getByRole("table", { name: "Declarations of the right to use this release" }));
  expect(rights.getByRole("row", { name: /1 audit/ })).toHaveTextContent(audit(2).declared_by);
  expect(screen.getByRole("link", { name: "Audit this release" })).toHaveAttribute("href", `/projects/${project}/audits/new?release=${one.id}`);
});

it("says of how many audits the declarations are, and nothing before they are read", async () => {
  const one = release(2);
  let arrive: (() => void) | undefined;
  const held = new Promise<void>((resolve) => (arrive = resolve));
  show(one);
  const answered = globalThis.fetch;
  globalThis.fetch = async (input, init) => {
    const address = new URL(input instanceof Request ? input.url : input, location.origin);
    if (!address.pathname.endsWith("/audits")) return answered(input, init);
    await held;
    return Response.json({ items: [summary(audit(2))], next_cursor: "more" });
  };
  expect(await screen.findByText("Loading declarations …")).toBeVisible();
  expect(screen.queryByText(/^Rights are declared when an audit starts/)).not.toBeInTheDocument();
  arrive?.();
  expect(await screen.findByText("Those of the newest 1 audit. “Show older audits” adds more.")).toBeVisible();
});

it("says why a release was rejected, and offers no audit of it", async () => {
  show(release(3, { state: "refused", examination: null, origin: null, problem: problem("set-format", "No weights.") }), []);
  expect(await screen.findByText(/^No weights\./)).toBeVisible();
  expect(screen.getByText("The file was not kept. Fix it and upload it as a new release.")).toBeVisible();
  expect(screen.getByText("not recorded")).toBeVisible();
  expect(await screen.findByText("No audit used it.")).toBeVisible();
  expect(screen.queryByRole("link", { name: "Audit this release" })).not.toBeInTheDocument();
});
