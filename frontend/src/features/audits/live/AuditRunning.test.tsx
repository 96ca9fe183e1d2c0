import { fireEvent, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Audit } from "@/api/model";
import { audit, audits, curves, priorSamples, problem, projects, queued, queuedJobs, queuePlace, runningJobs, session, system, training, trainingJobs } from "@/testing/fixtures";
import { page, renderAt, stubService } from "@/testing/render";

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

function serve(subject: Audit, extra: Parameters<typeof stubService>[0] = {}) {
  return stubService({
    "GET /session": { body: session },
    "GET /projects": page(projects),
    [`GET /audits/${subject.id}`]: { body: subject },
    [`GET /audits/${subject.id}/jobs`]: page(runningJobs),
    ...extra,
  });
}

beforeEach(() => {
  vi.stubGlobal("EventSource", FakeEvents);
  localStorage.clear();
});

describe("a running audit", () => {
  const running = audits[0] ?? audit(1);

  it("follows the events and loads the verdict when it is there", async () => {
    const calls = serve(running);
    renderAt(`/audits/${running.id}`);
    expect(await screen.findByText("41 % · 1 of 3 shards")).toBeVisible();
    const events = FakeEvents.latest;
    expect(events?.url).toBe(`/api/v1/audits/${running.id}/events?after=0`);
    events?.tell(1, "progress", { job_id: runningJobs.find(({ state }) => state === "running")?.id, stage: "attack", shard: 1, done: 1200, total: 1200 });
    expect(await screen.findByText("66 % · 1 of 3 shards")).toBeVisible();
    const before = calls.filter(({ path }) => path === `/audits/${running.id}`).length;
    events?.tell(2, "result", { verdict: "FAIL" });
    await waitFor(() => expect(calls.filter(({ path }) => path === `/audits/${running.id}`).length).toBeGreaterThan(before));
  });

  it("says how many audits are ahead of a queued one and when it starts, in place of the time left", async () => {
    serve(queued, { [`GET /audits/${queued.id}/jobs`]: page(queuedJobs), [`GET /audits/${queued.id}/queue`]: { body: queuePlace } });
    renderAt(`/audits/${queued.id}`);
    expect(await screen.findByText(/2 audits are ahead of it, 1 of them in other projects. It starts in about 13 min. Its own work takes about 2 min./)).toBeVisible();
    expect(screen.getByRole("heading", { name: "Waiting for a worker" })).toBeVisible();
    expect(screen.queryByText(/left\./)).toBeNull();
  });

  it("draws the curves of a search and asks for them again when an event has a new point", async () => {
    const calls = serve(running, { [`GET /audits/${running.id}/curves`]: page(curves) });
    renderAt(`/audits/${running.id}`);
    expect(await screen.findByTitle("Loss of gmi lomma trained by step")).toBeInTheDocument();
    const asked = () => calls.filter(({ path }) => path.endsWith("/curves")).length;
    const before = asked();
    FakeEvents.latest?.tell(1, "progress", { job_id: running.id, done: 1, total: 2, curve: { step: 25 } });
    await waitFor(() => expect(asked()).toBeGreaterThan(before));
    fireEvent.click(screen.getAllByRole("button", { name: "Show as table" }).at(-1) ?? document.body);
    expect(screen.getAllByRole("row")).toHaveLength(1 + 12 + (await screen.findByRole("table", { name: "Stages of this audit" })).querySelectorAll("tr").length);
  });

  it("names the worker of a stage as the page of the installation does", async () => {
    serve(running);
    renderAt(`/audits/${running.id}`);
    expect(await screen.findByRole("link", { name: system.workers[0]?.name })).toHaveAttribute("href", expect.stringMatching(/^\/system/));
  });

  it("says what a job waits for that fits no worker, until one takes it", async () => {
    const [first] = runningJobs;
    const detail = "The stage attack waits for a worker with at least 12.3 GiB of memory.";
    const waiting = { ...first, state: "queued", problem: problem("no_worker_fits", detail) };
    serve(running, { [`GET /audits/${running.id}/jobs`]: page([waiting]) });
    renderAt(`/audits/${running.id}`);
    expect(await screen.findByText(detail)).toBeVisible();
    FakeEvents.latest?.tell(1, "job", { job_id: first?.id, stage: first?.stage, shard: 0, shards: 1, state: "running", attempt: 1 });
    await waitFor(() => expect(screen.queryByText(detail)).toBeNull());
  });

  it("shows samples of the prior and their distance to the public images, as they are measured", async () => {
    const address = `/audits/${training.id}/prior-samples`;
    const none = { status: 404, body: { title: "Not found", status: 404, code: "no_prior_samples", detail: "Not measured yet." } };
    let newest: { status?: number; body: unknown } = none;
    const calls = serve(training, { [`GET /audits/${training.id}/jobs`]: page(trainingJobs), [`GET ${address}`]: () => newest });
    renderAt(`/audits/${training.id}`);
    await waitFor(() => expect(calls.some(({ path }) => path === address)).toBe(true));
    expect(screen.queryByRole("heading", { name: /^Samples of the prior at step/ })).not.toBeInTheDocument();

    newest = { body: { ...priorSamples, step: 500, kid: 0.412, measured: priorSamples.measured.slice(0, 1) } };
    FakeEvents.latest?.tell(1, "samples", { job_id: trainingJobs[1]?.id, stage: "prior", step: 500, kid: 0.412 });
    const picture = await screen.findByRole("img", { name: "Sixteen samples of the prior at step 500, four by four" });
    expect(picture).toHaveAttribute("src", `/api/v1${address}/image?step=500`);
    expect(screen.queryByText(/from 0.412/)).not.toBeInTheDocument();
    expect(screen.getByText(/gets no private image\. A prior that memorises may show a public image/)).toBeVisible();

    newest = { body: priorSamples };
    FakeEvents.latest?.tell(2, "samples", { job_id: trainingJobs[1]?.id, stage: "prior", step: 2500, kid: 0.043 });
    expect(await screen.findByText(/, from 0.412 at step 500/)).toBeVisible();
    expect(screen.getByRole("img", { name: /at step 2.500/ })).toHaveAttribute("src", `/api/v1${address}/image?step=2500`);
    await userEvent.click(screen.getByRole("button", { name: "Show as table" }));
    expect(screen.getByRole("row", { name: "1 500 0.064" })).toBeVisible();
  });

  it("covers the samples of a prior that learns the answers of the release", async () => {
    serve(training, {
      [`GET /audits/${training.id}/jobs`]: page(trainingJobs),
      [`GET /audits/${training.id}/prior-samples`]: { body: { ...priorSamples, covered: true } },
    });
    renderAt(`/audits/${training.id}`);
    expect(await screen.findByText(/a sample may resemble a person whom the release knows\. They are therefore covered/)).toBeVisible();
    const cover = screen.getByRole("img", { name: /^Sixteen samples of the prior at step 2.500, four by four, covered$/ });
    expect(cover).toHaveAttribute("src", `/api/v1/audits/${training.id}/prior-samples/image`);
    fireEvent.click(screen.getByRole("button", { name: /^Reveal: Sixteen samples/ }));
    expect(await screen.findByText(/The service keeps them until the prior is deleted/)).toBeVisible();
  });

  it("says where the samples are not available", async () => {
    serve(training, {
      [`GET /audits/${training.id}/jobs`]: page(trainingJobs),
      [`GET /audits/${training.id}/prior-samples`]: { body: priorSamples },
    });
    renderAt(`/audits/${training.id}`);
    fireEvent.error(await screen.findByRole("img", { name: /^Sixteen samples/ }));
    expect(await screen.findByText("Not available")).toBeVisible();
  });

  it("requests no samples while another stage runs", async () => {
    const calls = serve(running);
    renderAt(`/audits/${running.id}`);
    expect(await screen.findByText("41 % · 1 of 3 shards")).toBeVisible();
    expect(calls.some(({ path }) => path.endsWith("/prior-samples"))).toBe(false);
  });

  it("does not promise to continue while it is cancelled", async () => {
    serve({ ...running, state: "cancelling" });
    renderAt(`/audits/${running.id}`);
    expect(await screen.findByRole("heading", { name: "Stopping at the next checkpoint" })).toBeVisible();
    expect(screen.getByText(/will have no verdict/)).toBeVisible();
    expect(document.body).not.toHaveTextContent(/continues|left\.|Possible conclusions/);
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
