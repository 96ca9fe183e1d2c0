import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it, vi } from "vitest";
import {
  audit,
  audits,
  drift,
  failedJobs,
  identities,
  priorSamples,
  projects,
  replayed,
  result,
  runningJobs,
  session,
  training,
  trainingJobs,
} from "@/testing/fixtures";
import { renderAt, stubService } from "@/testing/render";

class FakeEvents {
  static latest: FakeEvents | null = null;
  onopen: (() => void) | null = null;
  onerror: (() => void) | null = null;
  closed = false;
  private heard = new Map<string, (message: { data: string }) => void>();
  constructor(readonly url: string) {
    FakeEvents.latest = this;
  }
  addEventListener(kind: string, listener: (message: { data: string }) => void): void {
    this.heard.set(kind, listener);
  }
  close(): void {
    this.closed = true;
  }
  tell(seq: number, kind: string, payload: object): void {
    this.heard.get(kind)?.({ data: JSON.stringify({ seq, kind, at: new Date().toISOString(), payload }) });
  }
}

const page = (items: unknown[]) => ({ body: { items, next_cursor: null } });
const around = { "GET /session": { body: session }, "GET /projects": page(projects) };

function serve(subject = audit(2), extra: Parameters<typeof stubService>[0] = {}) {
  return stubService({
    ...around,
    [`GET /audits/${subject.id}`]: { body: subject },
    [`GET /audits/${subject.id}/result`]: { body: result },
    [`GET /audits/${subject.id}/identities`]: page(identities),
    [`GET /audits/${subject.id}/jobs`]: page(runningJobs),
    ...extra,
  });
}

beforeEach(() => {
  vi.stubGlobal("EventSource", FakeEvents);
  localStorage.clear();
});

describe("a finished audit", () => {
  it("says what a replay changed", async () => {
    const again = replayed;
    serve(again, { [`GET /audits/${again.id}/drift`]: { body: drift } });
    renderAt(`/audits/${again.id}`);
    expect(await screen.findByText("Same verdict.")).toBeVisible();
    expect(screen.getByText(/R of each lies within the 95 % interval of the other/)).toBeVisible();
    expect(screen.getByText(/291 of 300 equal/)).toBeVisible();
    expect(screen.getByText("hardware.gpu: NVIDIA L4 -> NVIDIA T4")).toBeVisible();
    expect(screen.getByRole("link", { name: "The original" })).toHaveAttribute("href", `/audits/${audit(2).id}`);
  });

  it("is run again by a button, once", async () => {
    const again = replayed;
    const calls = serve(audit(2), { [`POST /audits/${audit(2).id}/replay`]: { status: 201, body: again } });
    const { router } = renderAt(`/audits/${audit(2).id}`);
    await userEvent.click(await screen.findByRole("button", { name: "Run it again" }));
    await waitFor(() => expect(router.state.location.pathname).toBe(`/audits/${again.id}`));
    expect(calls.filter(({ path }) => path.endsWith("/replay"))).toHaveLength(1);
  });

  it("filters identities by outcome and says how many there are", async () => {
    serve();
    const { router } = renderAt(`/audits/${audit(2).id}`);
    const table = await screen.findByRole("region", { name: /People/ });
    expect(within(table).getAllByRole("row")).toHaveLength(31);
    await userEvent.selectOptions(screen.getByLabelText("Outcome"), "control");
    expect(await screen.findByText("1 of 30 people")).toBeVisible();
    expect(within(table).getAllByRole("row")).toHaveLength(2);
    expect(router.state.location.search).toEqual({ show: "control" });
  });

  it("shows blurred pictures only, until a purpose is stated", async () => {
    const calls = serve();
    renderAt(`/audits/${audit(2).id}`);
    const pictures = await screen.findAllByRole("img", { name: /, blurred$/ });
    expect(pictures).toHaveLength(24);
    for (const picture of pictures) expect(picture.getAttribute("src")).not.toContain("original");
    await userEvent.click(screen.getByRole("button", { name: /Reveal pictures/ }));
    expect(screen.getByRole("dialog")).toHaveTextContent("24 pictures are shown");
    expect(screen.getByRole("dialog")).toHaveTextContent("the name of your session or key, “administrator”");
    expect(calls.filter(({ query }) => query.has("original"))).toEqual([]);
    await userEvent.click(screen.getByRole("radio", { name: "Something else" }));
    expect(screen.getByRole("button", { name: "Reveal and log" })).toBeDisabled();
  });

  it("says so when the key may not reveal, and stays blurred", async () => {
    const subject = audit(2);
    const forbidden = { status: 403, body: { title: "Not allowed", status: 403, code: "scope_missing", detail: "This needs reconstructions:reveal." } };
    const images = identities.flatMap(({ reconstruction_id, nearest_reference }) => [
      `/reconstructions/${reconstruction_id ?? ""}/image`,
      `/audits/${subject.id}/references/${nearest_reference ?? ""}/image`,
    ]);
    serve(subject, Object.fromEntries(images.map((path) => [`GET ${path}`, forbidden])));
    renderAt(`/audits/${subject.id}`);
    await userEvent.click(await screen.findByRole("button", { name: /Reveal pictures/ }));
    await userEvent.click(screen.getByRole("button", { name: "Reveal and log" }));
    expect(await screen.findByText("Your key may not reveal pictures")).toBeVisible();
    expect(screen.getAllByRole("img", { name: /, blurred$/ })).toHaveLength(24);
  });

  it("records the prior that was searched", async () => {
    const subject = audit(2);
    serve({ ...subject, plan: { ...subject.plan, prior: "pca", prior_kind: "pca" } });
    renderAt(`/audits/${subject.id}`);
    expect(await screen.findByText(/GMI, LOMMA, PCA prior, seed 0/)).toBeVisible();
  });

  it("says when the pictures are gone", async () => {
    const subject = audit(2, { images_deleted: true });
    serve(subject);
    renderAt(`/audits/${subject.id}`);
    expect(await screen.findByText("The pictures are gone")).toBeVisible();
    expect(screen.queryByRole("img", { name: /, blurred$/ })).not.toBeInTheDocument();
  });
});

describe("a running audit", () => {
  const running = audits[0] ?? audit(1);

  it("follows the events and asks again when the verdict is there", async () => {
    const calls = serve(running);
    renderAt(`/audits/${running.id}`);
    expect(await screen.findByText("41 % · 1 of 3 parts")).toBeVisible();
    const events = FakeEvents.latest;
    expect(events?.url).toBe(`/api/v1/audits/${running.id}/events?after=0`);
    events?.tell(1, "progress", { job_id: runningJobs.find(({ state }) => state === "running")?.id, stage: "attack", shard: 1, done: 1200, total: 1200 });
    expect(await screen.findByText("66 % · 1 of 3 parts")).toBeVisible();
    const before = calls.filter(({ path }) => path === `/audits/${running.id}`).length;
    events?.tell(2, "result", { verdict: "FAIL" });
    await waitFor(() => expect(calls.filter(({ path }) => path === `/audits/${running.id}`).length).toBeGreaterThan(before));
  });

  it("shows what its prior draws, and how near that is to the public images, as it is measured", async () => {
    const address = `/audits/${training.id}/prior-samples`;
    const none = { status: 404, body: { title: "Not found", status: 404, code: "no_prior_samples", detail: "Not measured yet." } };
    let newest: { status?: number; body: unknown } = none;
    const calls = serve(training, { [`GET /audits/${training.id}/jobs`]: page(trainingJobs), [`GET ${address}`]: () => newest });
    renderAt(`/audits/${training.id}`);
    await waitFor(() => expect(calls.some(({ path }) => path === address)).toBe(true));
    expect(screen.queryByRole("heading", { name: /What the prior draws/ })).not.toBeInTheDocument();

    newest = { body: { ...priorSamples, step: 500, kid: 0.412, measured: priorSamples.measured.slice(0, 1) } };
    FakeEvents.latest?.tell(1, "samples", { job_id: trainingJobs[1]?.id, stage: "prior", step: 500, kid: 0.412 });
    const picture = await screen.findByRole("img", { name: "Sixteen samples of the prior at step 500, four by four" });
    expect(picture).toHaveAttribute("src", `/api/v1${address}/image?step=500`);
    expect(screen.queryByText(/from 0.412/)).not.toBeInTheDocument();
    expect(screen.getByText(/No private image goes in. A prior that memorises could show a public image/)).toBeVisible();

    newest = { body: priorSamples };
    FakeEvents.latest?.tell(2, "samples", { job_id: trainingJobs[1]?.id, stage: "prior", step: 2500, kid: 0.043 });
    expect(await screen.findByText(/, from 0.412 at step 500/)).toBeVisible();
    expect(screen.getByRole("img", { name: /at step 2.500/ })).toHaveAttribute("src", `/api/v1${address}/image?step=2500`);
    await userEvent.click(screen.getByRole("button", { name: "Show as table" }));
    expect(screen.getByRole("row", { name: "1 500 0.064" })).toBeVisible();
  });

  it("does not promise of a KEDMI prior that nothing of the private set shows", async () => {
    const kedmi = { ...training, plan: { ...training.plan, attack: "kedmi" as const, prior_kind: "kedmi" } };
    serve(kedmi, {
      [`GET /audits/${kedmi.id}/jobs`]: page(trainingJobs),
      [`GET /audits/${kedmi.id}/prior-samples`]: { body: priorSamples },
    });
    renderAt(`/audits/${kedmi.id}`);
    expect(await screen.findByText(/a sample may lean towards a person whom the model knows/)).toBeVisible();
    expect(screen.queryByText(/which sees/)).not.toBeInTheDocument();
  });

  it("says so when the sheet cannot be had", async () => {
    serve(training, {
      [`GET /audits/${training.id}/jobs`]: page(trainingJobs),
      [`GET /audits/${training.id}/prior-samples`]: { body: priorSamples },
    });
    renderAt(`/audits/${training.id}`);
    fireEvent.error(await screen.findByRole("img", { name: /^Sixteen samples/ }));
    expect(await screen.findByText("Not available")).toBeVisible();
  });

  it("asks for no samples while another stage runs", async () => {
    const calls = serve(running);
    renderAt(`/audits/${running.id}`);
    expect(await screen.findByText("41 % · 1 of 3 parts")).toBeVisible();
    expect(calls.some(({ path }) => path.endsWith("/prior-samples"))).toBe(false);
  });

  it("does not promise to go on while it is cancelled", async () => {
    serve({ ...running, state: "cancelling" });
    renderAt(`/audits/${running.id}`);
    expect(await screen.findByRole("heading", { name: "Stopping at the next checkpoint" })).toBeVisible();
    expect(screen.getByText(/will have no verdict/)).toBeVisible();
    expect(document.body).not.toHaveTextContent(/goes on|to go\.|able to conclude/);
  });

  it("asks before it cancels, and says what is kept", async () => {
    const calls = serve(running, { [`POST /audits/${running.id}/cancel`]: { status: 202, body: { ...running, state: "cancelling" } } });
    renderAt(`/audits/${running.id}`);
    await userEvent.click(await screen.findByRole("button", { name: "Cancel" }));
    expect(screen.getByRole("dialog")).toHaveTextContent("are kept and reused");
    expect(calls.some(({ method }) => method === "POST")).toBe(false);
    await userEvent.click(screen.getByRole("button", { name: "Cancel the audit" }));
    await waitFor(() => expect(calls.some(({ method, path }) => method === "POST" && path.endsWith("/cancel"))).toBe(true));
  });
});

describe("an audit without a verdict", () => {
  const failed = audits[4] ?? audit(5);

  it("shows the problem and what is kept", async () => {
    serve(failed, { [`GET /audits/${failed.id}/jobs`]: page(failedJobs) });
    renderAt(`/audits/${failed.id}`);
    expect(await screen.findByText("Students failed after 3 attempts")).toBeVisible();
    expect(screen.getByText(/needed more memory than this worker has/)).toBeVisible();
    expect(screen.getByText(/Finished, and used again .*: prepare, prior\./)).toBeVisible();
    expect(screen.queryByText(/Change what it names/)).not.toBeInTheDocument();
    expect(screen.getByRole("link", { name: /Start it again/ })).toHaveAttribute("href", `/projects/${failed.project_id}/audits/new?again=${failed.id}`);
  });

  it("says what the user can do where the input is at fault, and blames no service", async () => {
    const problem = { title: "Unusable input", status: 422, code: "too_few_public_images", detail: "12 public images are left." };
    serve({ ...failed, problem }, { [`GET /audits/${failed.id}/jobs`]: page(failedJobs) });
    renderAt(`/audits/${failed.id}`);
    expect(await screen.findByText(/Change what it names/)).toBeVisible();
    expect(document.body).not.toHaveTextContent(/fault of the service/);
  });

  it("that is not there says so", async () => {
    stubService(around);
    renderAt("/audits/aud_none");
    expect(await screen.findByText("No such audit, or not one you may see")).toBeVisible();
  });
});
