import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { serveFinished } from "@/testing/finishedAudit";
import { audit, identityInFull } from "@/testing/fixtures";
import { renderAt } from "@/testing/render";

const id = audit(2).id;

function show(index: number, change: Parameters<typeof audit>[1] = {}) {
  const subject = audit(2, change);
  const every = Object.fromEntries([0, 1, 2, 29].map((at) => [`GET /audits/${id}/identities/${String(at * 3)}`, { body: identityInFull(at) }]));
  const calls = serveFinished(subject, every);
  return { calls, ...renderAt(`/audits/${id}/identities/${String(index * 3)}`) };
}

beforeEach(() => localStorage.clear());

describe("the page of an identity", () => {
  it("says what the evaluator found where no verifier judged", async () => {
    const alone = { ...identityInFull(1), verified: null, evaluator_top1: true };
    serveFinished(audit(2), { [`GET /audits/${id}/identities/3`]: { body: alone } });
    renderAt(`/audits/${id}/identities/3`);
    expect(await screen.findByText(/^The evaluator recognises this person .* no verifier judged\.$/)).toBeVisible();
  });

  it("shows every restart, every judge, and whom it is confused with", async () => {
    show(1);
    const { name } = identityInFull(1);
    expect(await screen.findByRole("heading", { level: 1, name })).toBeVisible();
    expect(await screen.findByText(/^Every verifier recognises this person .* 4 of 4 reconstructions are recognised/)).toBeVisible();
    const restarts = within(screen.getByRole("table", { name: "All reconstructions of this identity" }));
    expect(restarts.getAllByRole("row")).toHaveLength(5);
    expect(restarts.getByRole("row", { name: /submitted −0\.020 98.% recognised/ })).toBeVisible();
    expect(screen.getByRole("button", { name: `Reveal: Film of ${name}, restart 1` })).toBeVisible();
    expect(screen.getByText(/Steps from the left: 0, 300, 600, 900, 1.200, 1.500\.$/)).toBeVisible();
    const judges = within(screen.getByRole("table", { name: "The submitted reconstruction under each verifier" }));
    expect(judges.getByRole("row", { name: /omniglot-resnet-arcface decides yes 1 0\.910 0\.620 \+0\.290/ })).toBeVisible();
    for (const button of screen.getAllByRole("button", { name: "Show as table" })) await userEvent.click(button);
    const alike = within(screen.getByRole("table", { name: "Most similar under omniglot-resnet-arcface" }));
    expect(alike.getAllByRole("row")).toHaveLength(6);
    expect(alike.getByRole("row", { name: /another person of the gallery 0\.600/ })).toBeVisible();
    expect(alike.getAllByRole("link").map((link) => link.getAttribute("href"))).toContain(`/audits/${id}/identities/6`);
  });

  it("names the attack of a film where there are several", async () => {
    const { plan } = audit(2);
    show(1, { plan: { ...plan, attacks: [...plan.attacks, ...plan.attacks] } });
    expect(await screen.findByRole("button", { name: `Reveal: Film of ${identityInFull(1).name}, GMI, restart 1` })).toBeVisible();
  });

  it("says how many of the gallery are shown where it has few", async () => {
    const found = identityInFull(1);
    const few = { ...found, judgements: found.judgements.map((one) => ({ ...one, neighbours: one.neighbours.slice(0, 3) })) };
    serveFinished(audit(2), { [`GET /audits/${id}/identities/3`]: { body: few } });
    renderAt(`/audits/${id}/identities/3`);
    expect(await screen.findByRole("img", { name: "The 3 most similar of the gallery under omniglot-resnet-arcface" })).toBeVisible();
  });

  it("reveals one picture at a time, for one purpose", async () => {
    const { calls } = show(1);
    const all = await screen.findAllByRole("img", { name: /, covered$/ });
    expect(all).toHaveLength(11); // submitted, 3 private, public, control, film, 4 restarts
    await userEvent.click(screen.getByRole("button", { name: "Reveal: Nearest public image" }));
    expect(screen.getByRole("dialog")).toHaveTextContent("1 image is shown");
    await userEvent.click(screen.getByRole("radio", { name: /check the finding/ }));
    await userEvent.click(screen.getByRole("button", { name: "Reveal and log" }));
    await waitFor(() => expect(calls.filter(({ query }) => query.has("original"))).toHaveLength(1));
    expect(calls.find(({ query }) => query.has("original"))?.path).toBe(`/audits/${id}/public-images/413/image`);
    await userEvent.click(screen.getByRole("button", { name: /^Reveal: Private image 2/ }));
    expect(screen.queryByRole("dialog")).not.toBeInTheDocument();
    await waitFor(() => expect(calls.filter(({ query }) => query.has("original"))).toHaveLength(2));
  });

  it("goes to the next and the previous identity with the arrow keys", async () => {
    const { router } = show(1);
    await screen.findByRole("heading", { level: 1 });
    await userEvent.keyboard("{ArrowRight}");
    await waitFor(() => expect(router.state.location.pathname).toBe(`/audits/${id}/identities/6`));
    expect(await screen.findByText(/, 3 of 30$/)).toBeInTheDocument();
    await userEvent.keyboard("{ArrowLeft}");
    await waitFor(() => expect(router.state.location.pathname).toBe(`/audits/${id}/identities/3`));
  });

  it("asks for nothing of an audit whose images were deleted", async () => {
    show(1, { images_deleted: true });
    await screen.findByRole("heading", { level: 1 });
    expect(screen.queryByRole("img", { name: /, covered$/ })).not.toBeInTheDocument();
    expect(screen.queryByRole("button", { name: /^Reveal/ })).not.toBeInTheDocument();
  });
});

it("is linked from the line-up, the strip, the names and the table of an audit", async () => {
  serveFinished();
  vi.stubGlobal("EventSource", vi.fn());
  renderAt(`/audits/${id}`);
  await screen.findByRole("heading", { name: "The line-up" }, { timeout: 10_000 });
  await screen.findByRole("heading", { name: "People" });
  const links = [...document.querySelectorAll(`a[href="/audits/${id}/identities/3"]`)];
  expect(links.map((link) => link.closest("[data-pair], [data-named], [data-identity], svg")?.tagName)).toEqual(["LI", "TR", "svg", "TR"]);
});
