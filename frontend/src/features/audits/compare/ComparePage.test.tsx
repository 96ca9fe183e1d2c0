import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it } from "vitest";
import { settingsBeside } from "@/features/audits/compare/settingsBeside";
import { serveFinished } from "@/testing/finishedAudit";
import { audit, comparison, notComparable, summary } from "@/testing/fixtures";
import { page, renderAt } from "@/testing/render";
import { shownCommand } from "@/testing/shownCommand";

const [first, second] = [comparison.first.audit, comparison.second.audit];

function show(found: typeof comparison) {
  const other = audit(4);
  serveFinished(audit(2), { [`GET /audits/${first}/comparison/${second}`]: { body: found }, [`GET /audits/${other.id}`]: { body: other } });
  renderAt(`/audits/${first}/compare/${second}`);
}

beforeEach(() => localStorage.clear());

describe("two audits side by side", () => {
  it("begin with the sentence, and list who changed and how the plans differ", async () => {
    show(comparison);
    expect(await screen.findByRole("heading", { level: 1 })).toHaveTextContent(comparison.sentence);
    expect(document.querySelector("[data-figure=difference]")).toHaveTextContent("+63 points (+47 to +79 points, n 30)");
    expect(screen.getByText("Newly recognised: 21 identities").parentElement?.querySelectorAll("a")).toHaveLength(21);
    const differences = within(screen.getByRole("table", { name: /^Differences between the plans/ }));
    expect(differences.getByRole("row", { name: "Attack: students 0 3" })).toBeVisible();
    await userEvent.click(screen.getByRole("button", { name: "Show as table" }));
    expect(screen.getByRole("row", { name: /^Second: badge-reader 2026\.11\.2, FAIL, .* 71.% 60.% to 80.% 30$/ })).toBeVisible();
    expect(screen.getByText(shownCommand(`exhume audit compare ${first} ${second}`))).toBeInTheDocument();
  });

  it("give no difference where they cannot be compared", async () => {
    show(notComparable);
    expect(await screen.findByRole("heading", { level: 1 })).toHaveTextContent(/^These audits cannot be compared\./);
    expect(document.querySelector("[data-figure=difference]")).toBeNull();
    expect(screen.getByText(/^Each over all of its own identities/)).not.toHaveTextContent("difference above");
  });
});

it("shows beside an audit those that differ in the setting alone", () => {
  const own = summary(audit(2));
  const [attack] = own.plan.attacks;
  if (!attack) throw new Error("a plan has an attack");
  const inSetting = (n: number, setting: typeof attack.setting, change = {}) => ({
    ...summary(audit(n)),
    plan: { ...own.plan, attacks: [{ ...attack, setting, students: setting === "lom" ? 0 : 3 }], ...change },
  });
  const [lom, other, again] = [inSetting(3, "lom"), inSetting(4, "ma", { seed: 9 }), inSetting(5, "lom")];
  expect(settingsBeside(own, [own, lom, other, again]).map(({ id }) => id)).toEqual([own.id, lom.id]);
  expect(settingsBeside(own, [own, { ...lom, risk: null }])).toHaveLength(1);
});

it("finds them among all audits of the release, however many are newer in the project", async () => {
  const own = summary(audit(2));
  const lom = { ...summary(audit(3)), plan: { ...own.plan, attacks: own.plan.attacks.map((attack) => ({ ...attack, setting: "lom" as const, students: 0 })) } };
  const [first, second] = [comparison.first.audit, own.id];
  serveFinished(audit(2), {
    [`GET /audits/${second}/comparison/${first}`]: { body: comparison },
    [`GET /projects/${own.project_id}/audits`]: ({ query }) => page(query.get("release_id") === own.release.id ? [own, lom] : []),
  });
  renderAt(`/audits/${second}/compare/${first}`);
  expect(await screen.findByRole("heading", { name: "Settings side by side" })).toBeVisible();
});

it("are chosen on the page of an audit", async () => {
  const subject = audit(2);
  const all = [summary(subject), summary(audit(4)), summary(audit(6, { state: "failed" }))];
  serveFinished(subject, {
    [`GET /projects/${subject.project_id}/audits`]: ({ query }) => page(all.filter(({ state }) => query.getAll("state").includes(state))),
  });
  renderAt(`/audits/${subject.id}`);
  await userEvent.click(await screen.findByRole("button", { name: /^Compare/ }));
  const links = await within(screen.getByRole("dialog")).findAllByRole("link");
  expect(links.map((link) => link.getAttribute("href"))).toEqual([`/audits/${subject.id}/compare/${audit(4).id}`]);
});

it("are not said to be missing while older audits can be loaded", async () => {
  const subject = audit(2);
  serveFinished(subject, {
    [`GET /projects/${subject.project_id}/audits`]: ({ query }) => (query.has("cursor") ? page([]) : page([summary(subject)], "older")),
  });
  renderAt(`/audits/${subject.id}`);
  await userEvent.click(await screen.findByRole("button", { name: /^Compare/ }));
  const older = await screen.findByRole("button", { name: "Show older audits" });
  expect(screen.queryByText(/no other finished audit/)).toBeNull();
  await userEvent.click(older);
  expect(await screen.findByText(/no other finished audit/)).toBeVisible();
});
