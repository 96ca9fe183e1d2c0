// A review by keyboard, and the results that nobody reads by accident.
import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it } from "vitest";
import type { BlindLineUp } from "@/api/model";
import { blindLineUpResult, blindLineUps, personSession, projects } from "@/testing/fixtures";
import { page, renderAt, stubService } from "@/testing/render";

const [first] = blindLineUps;
if (!first) throw new Error("no fixture");
const lineUp: BlindLineUp = first;
const path = `/blind-line-ups/${lineUp.id}`;
const PIXEL = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg==";

/** A service with a review of two items. */
function serve(your_review: typeof lineUp.your_review, pictures_deleted = false) {
  let answered = 0;
  const item = () => ({ number: answered + 1, picture: PIXEL, candidates: [PIXEL, PIXEL, PIXEL] });
  const progress = () => ({ answered, items: 2, finished: answered === 2 });
  return stubService({
    "GET /session": { body: personSession },
    "GET /projects": page(projects),
    [`GET ${path}`]: () => ({ body: { ...lineUp, pictures_deleted, your_review: answered === 2 ? "finished" : your_review } }),
    [`GET ${path}/results`]: { body: blindLineUpResult },
    [`POST ${path}/reviews`]: () => ({ status: 201, body: progress() }),
    [`POST ${path}/next`]: () => ({ body: { ...progress(), item: answered === 2 ? null : item() } }),
    [`POST ${path}/answers`]: () => {
      answered += 1;
      return { status: 201, body: progress() };
    },
  });
}

it("is reviewed with the keyboard alone, from the purpose to the results", async () => {
  const calls = serve("not_begun");
  const user = userEvent.setup();
  renderAt(path);
  await user.type(await screen.findByLabelText("Purpose"), "measure people{Enter}");
  await screen.findByRole("form", { name: "Item 1 of 2" });
  await user.keyboard("{Enter}"); // nothing is chosen yet
  await user.keyboard("3u");
  expect(screen.getByRole("radio", { name: "Candidate 3" })).toBeChecked();
  expect(screen.getByText("Item 1 of 2. Candidate 3, unsure chosen.")).toBeInTheDocument();
  await user.keyboard("{Enter}");
  const second = await screen.findByRole("form", { name: "Item 2 of 2" });
  expect(second).toHaveFocus();
  expect(within(second).getAllByRole("radio").filter((one) => (one as HTMLInputElement).checked)).toEqual([]);
  await user.keyboard("2n{Enter}");
  expect(await screen.findByText(blindLineUpResult.sentence)).toBeVisible();
  const sent = calls.filter(({ method }) => method === "POST").map(({ path: to, body }) => [to.replace(`${path}/`, ""), body]);
  expect(sent).toEqual([
    ["reviews", { purpose: "measure people" }],
    ["next", null],
    ["answers", { number: 1, choice: 3, sure: false }],
    ["next", null],
    ["answers", { number: 2, choice: 0, sure: true }],
    ["next", null],
  ]);
});

it("shows no picture and no results until it is asked to", async () => {
  const calls = serve("begun");
  const user = userEvent.setup();
  renderAt(path);
  const go = await screen.findByRole("button", { name: "Go on with your review" });
  expect(screen.getByText("The results are shown when your review is finished.")).toBeVisible();
  expect(calls.filter(({ path: to }) => /next|results/.test(to))).toEqual([]);
  await user.click(go);
  await screen.findByRole("form", { name: "Item 1 of 2" });
  expect(calls.filter(({ path: to }) => to.endsWith("/next"))).toHaveLength(1);
});

it("shows the results to a reviewer whose pictures were deleted", async () => {
  serve("begun", true);
  renderAt(path);
  expect(await screen.findByRole("table", { name: "What people recognise" })).toBeVisible();
});

it("warns somebody who could still review before the results", async () => {
  const calls = serve("not_begun");
  const user = userEvent.setup();
  renderAt(path);
  const read = await screen.findByRole("button", { name: "Read the results" });
  expect(screen.getByText(/you cannot review any more/)).toBeVisible();
  expect(calls.some(({ path: to }) => to.endsWith("/results"))).toBe(false);
  await user.click(read);
  const table = await screen.findByRole("table", { name: "What people recognise" });
  await waitFor(() => expect(within(table).getByText(/^45\s%$/)).toBeVisible());
  expect(screen.getByRole("row", { name: /All together.*23 of 30.*11/ })).toBeVisible();
});

it("ends an open review where another blind line-up is opened", async () => {
  const other: BlindLineUp = { ...lineUp, id: lineUp.id.replace(/.$/, "f") };
  const answers = { "GET /session": { body: personSession }, "GET /projects": page(projects) };
  const next = { body: { answered: 0, items: 2, finished: false, item: { number: 1, picture: PIXEL, candidates: [PIXEL, PIXEL] } } };
  const of = (one: BlindLineUp) => ({ [`GET /blind-line-ups/${one.id}`]: { body: { ...one, your_review: "begun" } }, [`POST /blind-line-ups/${one.id}/next`]: next });
  stubService({ ...answers, ...of(lineUp), ...of(other) });
  const { router } = renderAt(path);
  await userEvent.click(await screen.findByRole("button", { name: "Go on with your review" }));
  await screen.findByRole("form", { name: "Item 1 of 2" });
  await router.navigate({ to: "/blind-line-ups/$lineUpId", params: { lineUpId: other.id } });
  expect(await screen.findByRole("button", { name: "Go on with your review" })).toBeVisible();
});
