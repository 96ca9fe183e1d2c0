// Every figure on the page of an audit is that of the API's document, and has its path there.
import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { Result } from "@/api/model";
import { figureAt, textsOf, wantedPaths } from "@/testing/documentFigures";
import { serveFinished } from "@/testing/finishedAudit";
import { attackReading, audit, decision, identities, inconclusive, result, stopped } from "@/testing/fixtures";
import { renderAt } from "@/testing/render";
import { shownFigures, unmarkedFigures } from "@/testing/shownFigures";
import { written } from "@/testing/written";

const shares = (value: number, low: number, high: number) => ({ value, low, high });

/** No one is recognised. Shares are at the ends, where they are written in another way. */
const pass: Result = {
  ...result,
  verdict: "PASS",
  sentence: "PASS: 0 of 90 people recognised by both verifiers; R = 0 % (95 % interval 0 % to 4 %); budget 5 %.",
  reasons: ["The upper bound of R, 3.3 %, is below the budget."],
  risk: result.risk && { ...result.risk, ...shares(0, 0, 0.0403), n: 90, bound_low: 0, bound_high: 0.033, correction: null },
  figures: Object.fromEntries(Object.entries(result.figures).map(([id, figure]) => [id, { ...figure, ...shares(0.0004, 0, 0.99996) }])),
  controls: {},
  regression: { difference: null, reason: "No earlier release of this target was audited in the same way." },
  named: [],
  worst_decile: [],
};

/** The model does not know its training images, so the audit ended before the attack. */
const nullModel: Result = {
  ...stopped,
  sentence: "INCONCLUSIVE: the model does not label its training images better than guessing. The audit ended before anything was attacked.",
  fit: stopped.fit && { ...stopped.fit, state: "at_chance", order: null, accuracy: { value: 0.0111, low: 0.001, high: 0.06, n: 90 } },
};

/** Two attacks, of which the second was not compared. */
const portfolio: Result = {
  ...result,
  attacks: [attackReading(), attackReading({ name: "decoder", label: "Decoder, LOM, principal components", verified: null, risk: null, added: null })],
};

/** Objects in place of people, judged by the evaluator alone, in a document of an older version. */
const objects: Result = {
  ...inconclusive,
  classes_are: "object",
  noun: { one: "object", many: "objects" },
  evidence_level: "evaluator",
  notes: ["R counts objects, not people."],
  verifiers: result.verifiers.map((one) => ({ ...one, figures: {} })),
  twin: result.twin && { ...result.twin, accuracy: result.twin.accuracy && { ...result.twin.accuracy, figures: {} } },
};

const DOCUMENTS: Record<string, Result> = { FAIL: result, PASS: pass, INCONCLUSIVE: inconclusive, "class order": stopped, "null model": nullModel, portfolio, objects };

beforeEach(() => vi.stubGlobal("EventSource", vi.fn()));
afterEach(() => localStorage.clear());

/** Show a result, and return it with its audit. */
async function show(document: Result) {
  const subject = audit(2, { verdict: document.verdict });
  const found = document.stopped ? [] : identities;
  serveFinished(subject, {
    [`GET /audits/${subject.id}/result`]: { body: document },
    [`GET /audits/${subject.id}/identities`]: { body: { items: found, next_cursor: null } },
    [`GET /audits/${subject.id}/decision`]: { body: decision },
  });
  renderAt(`/audits/${subject.id}`);
  await screen.findByRole("heading", { level: 1 });
  if (!document.stopped) await screen.findByRole("heading", { name: "The line-up" });
  await screen.findByText(decision.next_step ?? "");
  return { ...document, audit: subject };
}

/** Check the figures on the page, and return their paths in the documents. */
function compared(document: object): string[] {
  const shown = shownFigures();
  const wanted = shown.map(({ path }) => ({ path, ...written(figureAt(document, path) ?? { value: NaN }) }));
  expect(shown).toEqual(wanted);
  return shown.map(({ path }) => path);
}

it.each(Object.entries(DOCUMENTS))("%s: each figure has value, interval and n of the document", async (_, document) => {
  const documents = await show(document);
  const paths = compared(documents);
  expect(wantedPaths(document).filter((path) => !paths.includes(path))).toEqual([]);
  expect(unmarkedFigures(textsOf([documents, decision]))).toEqual([]);
  const [plot] = screen.queryAllByRole("img", { name: /^Risk / });
  if (!document.risk) {
    expect(plot).toBeUndefined();
    return;
  }
  const { value, interval } = written(document.risk);
  expect(plot?.querySelector("title")?.textContent.replaceAll("\u00a0", " ")).toContain(`Risk ${value} (${interval})`);
  await userEvent.click(screen.getAllByRole("button", { name: "Show as table" })[0] ?? globalThis.document.body);
  expect(compared(documents).filter((path) => path === "risk")).toHaveLength(2); // the plot is hidden, not gone
});

it("finds a figure without a path", async () => {
  const documents = await show(result);
  const marked = document.querySelector('[data-figure="power"]');
  marked?.removeAttribute("data-figure");
  expect(unmarkedFigures(textsOf([documents, decision]))).toEqual(["94 %", "74 % to 100 %"]);
});
