import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { audit, bundled, dataset, gallery, plannedAttack, projects, release, session, twinRelease, verifiers } from "@/testing/fixtures";
import { page, renderAt, stubService } from "@/testing/render";
import { shownCommand } from "@/testing/shownCommand";

const around = { "GET /session": { body: session }, "GET /projects": page(projects) };
const project = projects[0]?.id ?? "";

async function fill(field: HTMLElement, text: string) {
  await userEvent.click(field);
  await userEvent.paste(text);
}

beforeEach(() => localStorage.clear());

describe("a new audit", () => {
  const choices = {
    ...around,
    [`GET /projects/${project}/releases`]: page([release(2), twinRelease]),
    [`GET /projects/${project}/datasets`]: page([dataset(1), dataset(2, { name: "badge-photos", role: "private" }), gallery]),
    [`GET /projects/${project}/verifiers`]: page(verifiers),
    "GET /bundled-verifiers": page(bundled),
    [`POST /projects/${project}/audits/estimate`]: {
      body: { ...audit(2).estimate, queue: { ahead: 3, elsewhere: 0, starts_in_seconds: 1800, workers: 2 } },
    },
  };

  it("is estimated before it starts", async () => {
    const calls = stubService(choices);
    renderAt(`/projects/${project}/audits/new`);
    expect(await screen.findByText("about 3 min 14 s")).toBeVisible();
    expect(screen.getByText("It starts in about 30 min, after work of 3 other audits.")).toBeVisible();
    expect(screen.getByText(/59 are needed for 5 %/)).toBeVisible();
    expect(calls.find(({ path }) => path.endsWith("/estimate"))?.body).toMatchObject({
      release_id: release(2).id,
      setting: null,
      prior: null,
      identities: null,
      budget: 0.05,
    });
    expect(screen.getByText("GMI, LOMMA, trained prior")).toBeVisible();
    await userEvent.click(screen.getByRole("button", { name: /^Advanced/ }));
    await userEvent.selectOptions(screen.getByLabelText("Attack setting"), "LOMMA");
    await userEvent.selectOptions(screen.getByLabelText(/^Prior/), "Trained");
    const last = () => calls.findLast(({ path }) => path.endsWith("/estimate"))?.body;
    await vi.waitFor(() => expect(last()).toMatchObject({ setting: "lomma", prior: "trained" }));
    expect(last()).not.toHaveProperty("attack");
    expect(screen.queryByText("Further attacks")).toBeNull();
    await userEvent.selectOptions(screen.getByLabelText("Attack"), "GMI");
    await userEvent.click(screen.getByRole("checkbox", { name: /^KEDMI/ }));
    await vi.waitFor(() => expect(last()).toMatchObject({ attacks: ["gmi", { name: "kedmi" }] }));
    await userEvent.selectOptions(screen.getByLabelText("Attack"), "KEDMI");
    await vi.waitFor(() => expect(last()).toMatchObject({ attack: "kedmi" }));
    expect(last()).not.toHaveProperty("attacks");
    expect(last()).toMatchObject({ stop_early: false });
    await userEvent.click(screen.getByRole("checkbox", { name: /^Stop early/ }));
    await vi.waitFor(() => expect(last()).toMatchObject({ stop_early: true }));
    expect(screen.getByText(shownCommand(/--stop-early/))).toBeVisible();
  });

  it("says how to get verifiers where the images have none", async () => {
    const commands = [{ purpose: "Train two on the public images", command: "exhume verifier train faces.zip --out verifiers" }];
    const sentence = "No verifiers for images of 64x64x3. Train two on the public data set faces, about 9 minutes.";
    const missing = { images: "64x64x3", seconds: 540, uploaded: 0, sentence, commands };
    stubService({
      ...choices,
      [`POST /projects/${project}/audits/estimate`]: { body: { ...audit(2).estimate, missing_verifiers: missing } },
    });
    renderAt(`/projects/${project}/audits/new`);
    expect(await screen.findByText(sentence)).toBeVisible();
    expect(screen.getByText(shownCommand("exhume verifier train faces.zip --out verifiers"))).toBeVisible();
  });

  it("does not start without a declaration of rights, and then starts once", async () => {
    const made = audit(9);
    const calls = stubService({ ...choices, [`POST /projects/${project}/audits`]: { status: 201, body: made } });
    const { router } = renderAt(`/projects/${project}/audits/new`);
    const start = await screen.findByRole("button", { name: "Start the audit" });
    await userEvent.click(start);
    expect(screen.getByLabelText("Declared by")).toHaveAccessibleDescription("Enter who declares this.");
    const summary = screen.getByRole("alert");
    expect(summary).toHaveTextContent("Declared by: Enter who declares this.");
    expect(summary.compareDocumentPosition(start)).toBe(Node.DOCUMENT_POSITION_FOLLOWING);
    await userEvent.click(within(summary).getByRole("link", { name: "Declaration" }));
    expect(screen.getByLabelText("Declaration")).toHaveFocus();
    const posts = () => calls.filter(({ method, path }) => method === "POST" && path.endsWith("/audits"));
    expect(posts()).toEqual([]);
    await fill(screen.getByLabelText("Declared by"), "Dana Ito");
    await fill(screen.getByLabelText("Declaration"), "We own this model.");
    await userEvent.click(screen.getByRole("checkbox", { name: /We may audit/ }));
    await userEvent.click(start);
    await screen.findByText(/does not exist|The audit/).catch(() => null);
    expect(posts()).toHaveLength(1);
    expect(posts()[0]?.body).toMatchObject({ rights: { declared_by: "Dana Ito", statement: "We own this model." } });
    expect(router.state.location.pathname).toBe(`/audits/${made.id}`);
  });

  it("keeps its choices in the address, and a link opens it with them", async () => {
    stubService(choices);
    const { router, unmount } = renderAt(`/projects/${project}/audits/new`);
    await userEvent.click(await screen.findByRole("radio", { name: /^Deep/ }));
    expect(screen.queryByLabelText("Seed")).not.toBeInTheDocument(); // under "Advanced", which is closed
    await userEvent.click(screen.getByRole("button", { name: /^Advanced/ }));
    await userEvent.clear(screen.getByLabelText("Risk budget, %"));
    await userEvent.type(screen.getByLabelText("Risk budget, %"), "2.5");
    await fill(screen.getByLabelText("Declared by"), "Dana Ito");
    await vi.waitFor(() => expect(router.state.location.search).toMatchObject({ budget: 2.5 }));
    expect(router.state.location.search).toEqual({ release: release(2).id, public: dataset(1).id, private: dataset(2).id, effort: "deep", budget: 2.5 });
    const link = router.state.location.href;
    unmount();
    renderAt(link);
    expect(await screen.findByRole("radio", { name: /^Deep/ })).toBeChecked();
    expect(screen.getByLabelText("Risk budget, %")).toHaveValue("2.5"); // opened, because it differs from the default
    expect(screen.getByRole("button", { name: /^Advanced/ })).toHaveTextContent("Changed: Risk budget.");
    expect(screen.getByLabelText("Declared by")).toHaveValue("");
    expect(screen.getByRole("checkbox", { name: /We may audit/ })).not.toBeChecked();
  });

  it("opens “Advanced” where an error is in it, and takes the errors of the service to their fields", async () => {
    const rejection = {
      title: "Unusable request",
      status: 422,
      code: "invalid_request",
      detail: "The request does not fit the API: body.seed: Input should be less than or equal to 4294967295.",
      errors: [{ where: "body.seed", message: "Input should be less than or equal to 4294967295", type: "less_than_equal" }],
    };
    stubService({ ...choices, [`POST /projects/${project}/audits`]: { status: 422, body: rejection } });
    renderAt(`/projects/${project}/audits/new`);
    await fill(await screen.findByLabelText("Declared by"), "Dana Ito");
    await fill(screen.getByLabelText("Declaration"), "We own this model.");
    await userEvent.click(screen.getByRole("checkbox", { name: /We may audit/ }));
    await userEvent.click(screen.getByRole("button", { name: "Start the audit" }));
    expect(await screen.findByLabelText("Seed")).toHaveAccessibleDescription("Enter 4294967295 or less.");
    await userEvent.click(within(screen.getByRole("alert")).getByRole("link", { name: "Seed" }));
    expect(screen.getByLabelText("Seed")).toHaveFocus();
    expect(document.body).not.toHaveTextContent(/body\.seed|[{}]/);
    await userEvent.type(screen.getByLabelText("Seed"), "1");
    expect(screen.getByLabelText("Seed")).not.toHaveAttribute("aria-invalid");
  });

  it("names the inputs of a link that are not in this project", async () => {
    stubService(choices);
    renderAt(`/projects/${project}/audits/new?release=${release(77).id}&effort=quick`);
    expect(await screen.findByText(/Not available here: the release\. Choose again\./)).toBeVisible();
    expect(screen.getByRole("radio", { name: /^Quick/ })).toBeChecked();
  });

  it("is filled with the plan of an earlier audit, and the declaration is made anew", async () => {
    const before = audit(5, { state: "failed", verdict: null, gallery_dataset: { id: gallery.id, name: "visitors", images: 900 } });
    before.plan = {
      ...before.plan,
      attacks: [plannedAttack({ setting: "lom", prior: "pca" }), plannedAttack({ name: "kedmi", setting: "lom", prior: "pca" })],
      effort: "deep",
      seed: 7,
      budget: 0.025,
      release_plan: "hosted",
      verifiers: [
        { name: "badge-plain", digest: `sha256:${verifiers[0]?.sha256 ?? ""}`, source: "uploaded", convention: {} },
        { name: "omniglot-resnet-arcface", digest: bundled[0]?.digest ?? "", source: "bundled", convention: {} },
      ],
    };
    const made = audit(9);
    const calls = stubService({
      ...choices,
      [`GET /audits/${before.id}`]: { body: before },
      [`POST /projects/${project}/audits`]: { status: 201, body: made },
    });
    renderAt(`/projects/${project}/audits/new?again=${before.id}`);
    expect(await screen.findByText("Filled from an earlier audit")).toBeVisible();
    const tick = screen.getByRole("checkbox", { name: /We may audit/ });
    expect(screen.getByLabelText("Declared by")).toHaveValue("");
    expect(screen.getByLabelText("Declaration")).toHaveValue("");
    expect(tick).not.toBeChecked();
    const posts = () => calls.filter(({ method, path }) => method === "POST" && path.endsWith("/audits"));
    await userEvent.click(screen.getByRole("button", { name: "Start the audit" }));
    expect(tick).toHaveAccessibleDescription("Confirm this before the attack.");
    expect(posts()).toEqual([]);
    await userEvent.click(screen.getByRole("button", { name: "Declare the same" }));
    expect(screen.getByLabelText("Declared by")).toHaveValue(before.declared_by);
    await userEvent.click(tick);
    await userEvent.click(screen.getByRole("button", { name: "Start the audit" }));
    await vi.waitFor(() => expect(posts()).toHaveLength(1));
    expect(posts()[0]?.body).toEqual({
      release_id: before.release.id,
      public_dataset_id: before.public_dataset.id,
      private_dataset_id: before.private_dataset?.id,
      gallery_dataset_id: gallery.id,
      verifiers: [verifiers[0]?.id, "omniglot-resnet-arcface"],
      twin_release_id: null,
      attacks: ["gmi", { name: "kedmi", setting: "lom", prior: "pca" }],
      combination: "union",
      setting: "lom",
      prior: "pca",
      release_plan: "hosted",
      identities: 30,
      seed: 7,
      effort: "deep",
      budget: 0.025,
      stop_early: false,
      rights: { declared_by: before.declared_by, statement: before.declaration },
    });
  });

  it("offers verifiers, gallery and twin", async () => {
    const unnamed = dataset(6, { name: "strangers", role: "gallery", identity_count: null });
    const calls = stubService({ ...choices, [`GET /projects/${project}/datasets`]: page([dataset(1), gallery, unnamed]) });
    renderAt(`/projects/${project}/audits/new`);
    await userEvent.click(await screen.findByRole("button", { name: /^Advanced/ }));
    expect(screen.getByRole("option", { name: "strangers (without names)" })).toBeInTheDocument();
    await userEvent.click(screen.getByRole("checkbox", { name: /badge-plain/ }));
    await userEvent.click(screen.getByRole("checkbox", { name: /omniglot-resnet-arcface/ }));
    expect(screen.queryByRole("checkbox", { name: /constant/ })).not.toBeInTheDocument(); // refused
    await userEvent.selectOptions(screen.getByLabelText("Gallery"), "visitors (60 people)");
    await userEvent.selectOptions(screen.getByLabelText(/^Twin/), "badge-reader:2026.11.2-twin");
    await userEvent.selectOptions(screen.getByLabelText(/^Release plan/), "Hosted");
    expect(screen.getByText(shownCommand(/--verifier badge-plain/))).toHaveTextContent(
      "--gallery visitors \\ --verifier badge-plain \\ --verifier omniglot-resnet-arcface \\ --twin badge-reader:2026.11.2-twin \\ --release-plan hosted",
    );
    const last = () => calls.findLast(({ path }) => path.endsWith("/estimate"))?.body;
    await vi.waitFor(() => expect(last()).toMatchObject({ verifiers: [verifiers[0]?.id, "omniglot-resnet-arcface"], release_plan: "hosted" }));
    expect(last()).toMatchObject({ gallery_dataset_id: gallery.id, twin_release_id: twinRelease.id });
  });

  it("says when no verifier is bundled for the images of the release", async () => {
    const photographs = release(2, { convention: { ...release(2).convention, height: 64, width: 64, channels: 3 } });
    stubService({ ...choices, [`GET /projects/${project}/releases`]: page([photographs]) });
    renderAt(`/projects/${project}/audits/new`);
    await userEvent.click(await screen.findByRole("button", { name: /^Advanced/ }));
    expect(screen.getByText(/None is bundled for 64 × 64 × 3\. Choose two or more\. Otherwise the evaluator alone decides/)).toBeVisible();
  });

  it("keeps the two roles of images apart, by name and by meaning", async () => {
    stubService(choices);
    renderAt(`/projects/${project}/audits/new`);
    const open = await screen.findByLabelText("Public images");
    expect(open).toHaveAccessibleDescription("What an attacker has. The prior and the students are trained on them.");
    expect(within(open).queryByText(/badge-photos/)).not.toBeInTheDocument();
    const closed = screen.getByLabelText("Private images");
    expect(closed).toHaveAccessibleDescription(/a separate process opens them.*Processes that attack have no access to them\. After the reconstructions are frozen, they are opened again/);
  });
});
