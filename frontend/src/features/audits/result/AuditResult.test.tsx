import { cleanup, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Audit, Result } from "@/api/model";
import { attackReading, audit, identities, inconclusive, projects, result, session, stopped } from "@/testing/fixtures";
import { page, renderAt, stubService } from "@/testing/render";

function show(document: Result, change: Partial<Audit> = {}, found: unknown[] = identities) {
  const subject = audit(2, { verdict: document.verdict, ...change });
  stubService({
    "GET /session": { body: session },
    "GET /projects": page(projects),
    [`GET /audits/${subject.id}`]: { body: subject },
    [`GET /audits/${subject.id}/result`]: { body: document },
    [`GET /audits/${subject.id}/identities`]: page(found),
    [`GET /audits/${subject.id}/blind-line-ups`]: page([]),
  });
  renderAt(`/audits/${subject.id}`);
  return screen.findByRole("heading", { level: 1 });
}

/** Return the text of a figure on the page. */
const said = (id: string) => [...document.querySelectorAll(`[data-figure="${id}"]`)].map((one) => one.textContent.replaceAll("\u00a0", " "));

beforeEach(() => {
  vi.stubGlobal("EventSource", vi.fn());
  localStorage.clear();
});

describe("a finished audit", () => {
  it("shows the verdict first, as the sentence of the service", async () => {
    expect(await show(result)).toHaveTextContent(result.sentence.replace("FAIL: ", ""));
    expect(screen.queryByText("What would decide it")).not.toBeInTheDocument();
  });

  it("lists the attacks of a portfolio with what each found and added, and one attack not", async () => {
    const both = [attackReading(), attackReading({ name: "kedmi", label: "KEDMI, LOMMA, trained prior", added: 3, minutes: 0.5 })];
    await show({ ...result, attacks: both });
    const table = within(screen.getByRole("table", { name: "Attacks of the portfolio" }));
    expect(table.getByRole("row", { name: /^KEDMI, LOMMA, trained prior 73.3.% .* 71.% .* 30 3 30.s$/ })).toBeVisible();
    cleanup();
    await show(result);
    expect(screen.queryByRole("table", { name: "Attacks of the portfolio" })).not.toBeInTheDocument();
  });

  it("says what would decide an INCONCLUSIVE verdict", async () => {
    await show(inconclusive);
    expect(screen.getByRole("heading", { name: "What would decide it" })).toBeVisible();
    expect(screen.getByText(/68 without a hit/)).toBeVisible();
  });

  it("shows value, interval and n of the evidence", async () => {
    await show(result);
    expect(said("risk")).toHaveLength(1);
    expect(said("power")).toEqual(["94 % (74 % to 100 %, n 16)"]);
    expect(said("twin.q")).toEqual(["0 % (0 % to 37 %, n 8)"]);
    expect(said("twin.accuracy.figures.on_others")).toEqual(["91 % (88 % to 94 %, n 82)"]);
    expect(said("risk.correction.figures.sensitivity")).toEqual(["87 % (79 % to 93 %, n 90)"]);
    expect(said("verifiers.0.figures.rank1_on_references")[0]).toContain("Real images ranked first93.4 %90 % to 96 %90");
    expect(said("evaluator.figures.held_out_accuracy")[0]).toContain("95 %90 % to 98 %90");
    expect(said("fit.accuracy")).toEqual(["98.6 % (96 % to 99.5 %, n 90)"]);
    expect(said("regression.difference")).toEqual(["+63 points (+47 to +79 points, n 30)"]);
    expect(screen.getByText(/over the 30 people of both audits, 21 newly/)).toBeVisible();
    expect(screen.getByRole("row", { name: /The weights GMI, LOMMA 71.% 60.% to 80.% 30 high/ })).toBeVisible();
    expect(screen.getByRole("row", { name: /Labels only not tested/ })).toBeVisible();
    expect(screen.getByText(/1 near-duplicate\./)).toBeVisible();
    expect(screen.getByText(/60 others of a gallery\. 2 gallery images were left out/)).toBeVisible();
    expect(screen.getByText(/3 images had an alpha channel/)).toBeVisible();
  });

  it("describes the reference model in the words of the document", async () => {
    await show(result);
    expect(screen.getByText(/The same plan on a reference model without defences, shipped for these images/)).toBeVisible();
    expect(said("power.convinced")).toEqual(["99 % (90 % to 100 %, n 16)"]);
  });

  it("says how stable a name is, and how many names are expected to be wrong", async () => {
    await show(result);
    const names = screen.getByRole("table", { name: "Exposed by name" });
    expect(within(names).getAllByRole("row")).toHaveLength(23);
    expect(within(names).getAllByRole("row")[1]).toHaveTextContent(/7\.4<.0\.0014 of 42 of 2 audits$/);
    expect(document.body).toHaveTextContent(/At most 5.% of the names are expected to be wrong: 1\.1 of these 22\./);
    expect(screen.getByText(/Named only with other seeds/)).toBeVisible();
  });

  it("has one order of the most exposed on the whole page", async () => {
    const shuffled = [...identities].reverse();
    await show(result, {}, shuffled);
    const named = result.named.map(({ name }) => name);
    const pairs = await screen.findAllByRole("img", { name: /^Reconstruction of/ });
    expect(pairs.map((one) => /of (.*), covered/.exec(one.getAttribute("alt") ?? "")?.[1])).toEqual(named.slice(0, 12));
    const rows = [...document.querySelectorAll("[data-identity] [data-part=name]")].map((cell) => cell.textContent);
    expect(rows.slice(0, named.length)).toEqual(named);
  });

  it("does not call attacked weights untested where no verifier was usable", async () => {
    const lines = result.threat_models.map((line) => ({ ...line, tested: false, attacks: [], risk: null, severity: null }));
    await show({ ...result, evidence_level: "unreferenced", risk: null, threat_models: lines });
    expect(screen.getByRole("row", { name: /The weights attacked, but could not be verified/ })).toBeVisible();
  });

  it("compares no releases where the document says that they cannot be compared", async () => {
    const fit = result.fit && { ...result.fit, state: "below_floor" as const };
    await show({ ...result, fit, regression: { history: [], difference: null, reason: "This model does not label its own training images well enough." } });
    expect(screen.queryByRole("heading", { name: "Compared with the release before" })).not.toBeInTheDocument();
  });

  it("labels attack accuracy as uncalibrated, in the plot and in its table", async () => {
    await show(result);
    await userEvent.click(screen.getAllByRole("button", { name: "Show as table" })[0] ?? document.body);
    const row = screen.getByRole("row", { name: /Attack accuracy, top-1 \(uncalibrated\)/ });
    expect(row).toHaveTextContent(/88.%77.% to 97.%30/);
  });
});

it("says what a rebuilt class means where a class is not a person", async () => {
  const meaning = "R counts conditions, not people. A rebuilt class shows what the model holds of the class as a whole.";
  await show({ ...result, classes_are: "condition", noun: { one: "condition", many: "conditions" }, notes: [meaning, "Something else."] });
  expect(screen.getAllByText(meaning)[0]).toBeVisible();
  expect(screen.getByRole("heading", { name: "Conditions" })).toBeVisible();
  expect(screen.getByRole("heading", { level: 1 }).parentElement).toHaveTextContent(meaning);
});

it("does not repeat the sentence", async () => {
  const said = "The class names are in another order than the model's. The audit ended before anything was attacked.";
  await show({ ...stopped, sentence: `INCONCLUSIVE: ${said}`, stopped: { code: "class_order", detail: said }, reasons: ["The class names are in another order than the model's."] }, {}, []);
  expect(screen.getAllByText(/The class names are in another order/)).toHaveLength(1);
});

describe("an audit that the evaluator decides alone", () => {
  it("does not say that attack accuracy decides nothing", async () => {
    const withoutVerified = Object.fromEntries(Object.entries(result.figures).filter(([name]) => name !== "verified"));
    await show({ ...result, evidence_level: "evaluator", figures: withoutVerified, verifiers: [] });
    expect(screen.getByText(/so the evaluator decides: FAIL is possible, PASS is not/)).toBeVisible();
    expect(said("figures.attack_accuracy_top1")[0]).toContain("decides here");
    expect(said("figures.attack_accuracy_top5")[0]).toContain("decides nothing");
  });
});

describe("an audit that ended before the attack", () => {
  it("has its first sentence as the heading, and says that later stages were skipped", async () => {
    const detail = "The class names are in another order than the model's. Correct the order. The audit ended before anything was attacked.";
    const skipped = (["prepare", "attack", "verify"] as const).map((stage) => ({ stage, seconds: 0.1, peak_memory_bytes: null }));
    const contamination = { compared: false, exact: 0, near: 0, alike: 0 };
    const heading = await show({ ...stopped, sentence: `INCONCLUSIVE: ${detail}`, reasons: [], notes: [detail], contamination, stages: [...stopped.stages, ...skipped] }, {}, []);
    expect(heading.textContent).toBe("INCONCLUSIVE: The class names are in another order than the model's.");
    expect(screen.getByText("Correct the order. The audit ended before anything was attacked.")).toBeVisible();
    expect(screen.getByText("References 4.4 s. The other stages were skipped.")).toBeVisible();
    expect(document.body).not.toHaveTextContent(/there were no private images/);
  });

  it("shows the displaced names and the order to copy, without empty images or plots", async () => {
    await show(stopped, { risk: null, risk_low: null, risk_high: null }, []);
    expect(screen.getByRole("heading", { name: "Does the description match the release?" })).toBeVisible();
    expect(said("fit.accuracy")).toEqual(["14.1 % (8 % to 22 %, n 90)"]);
    expect(screen.getByRole("row", { name: /20 2 98.%/ })).toBeVisible();
    await userEvent.click(screen.getByText("Suggested “classes”, in the order of the outputs"));
    expect(screen.getByText(/^\["0", "1", "2", "20", "21", /)).toBeVisible();
    expect(screen.getByText(/the names sorted as text/)).toBeVisible();
    await userEvent.click(screen.getByText("Under other input conventions"));
    expect(screen.getByRole("row", { name: /pixels from 0 to 255 1\.1.%/ })).toBeVisible();
    expect(screen.getByText(/Nothing was attacked, so the result says nothing/)).toBeVisible();
    for (const name of ["The line-up", "How much is exposed", "Exposed by name", "People", "Compared with the release before"]) {
      expect(screen.queryByRole("heading", { name })).not.toBeInTheDocument();
    }
    expect(screen.queryByText("Access of the attacker")).not.toBeInTheDocument();
  });
});
