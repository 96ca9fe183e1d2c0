// The first audit of a user: sign-in, start, progress, verdict, reveal, themes, accessibility.
import { createRequire } from "node:module";
import { expect, type Page, test } from "@playwright/test";
import type { Audit, IdentityOutcome, Result } from "../src/api/model";
import { figureAt, wantedPaths } from "../src/testing/documentFigures";
import { shownFigures } from "../src/testing/shownFigures";
import { written, writtenNumber } from "../src/testing/written";
import { api, listed, openSignedIn, url } from "./service";

const token = process.env.EXHUME_E2E_TOKEN ?? "";
const AUDIT_MINUTES = 15;
const axePath = createRequire(import.meta.url).resolve("axe-core/axe.min.js");

test.describe.configure({ mode: "serial" });

let page: Page;
let auditAddress: string;
const complaints: string[] = [];

test.beforeAll(async ({ browser }) => {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, colorScheme: "light" });
  page = await context.newPage();
  page.on("console", (message) => {
    if (message.text().includes("Content Security Policy")) complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(error.message));
});

test.afterAll(async () => {
  await page.context().close();
});

async function expectNoBarriers(): Promise<void> {
  const { readFile } = await import("node:fs/promises");
  await page.evaluate(await readFile(axePath, "utf8")); // the debugger is not subject to the security policy
  const violations = await page.evaluate(async () => {
    interface Axe {
      run: (options: object) => Promise<{ violations: { id: string; nodes: { target: unknown; failureSummary?: string }[] }[] }>;
    }
    const { axe } = window as unknown as { axe: Axe };
    const result = await axe.run({ runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] });
    return result.violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${JSON.stringify(node.target)} ${node.failureSummary ?? ""}`));
  });
  expect(violations).toEqual([]);
}

test("a wrong link is rejected with a message", async () => {
  await page.goto(`${url}/sign-in#token=not-a-token`);
  await expect(page.getByRole("alert")).toContainText("exhume sign-in");
  expect(page.url()).not.toContain("token");
  await expectNoBarriers();
});

test("a page that needs a session leads to sign-in and back", async () => {
  await page.goto(`${url}/system`);
  await expect(page).toHaveURL(/\/sign-in\?return=%2Fsystem/);
});

test("the one-time link signs in", async () => {
  await page.goto(`${url}/sign-in#token=${token}`);
  await expect(page.getByRole("heading", { name: "Needs a person" })).toBeVisible();
  await expect(page.getByRole("link", { name: /has never been audited/ })).toBeVisible();
  await expectNoBarriers();
});

test("the keyboard reaches the content first", async () => {
  await page.reload();
  await expect(page.getByRole("heading", { name: "Needs a person" })).toBeVisible();
  await page.keyboard.press("Tab");
  const skip = page.getByRole("link", { name: "Skip to the content" });
  await expect(skip).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("main")).toBeFocused();
});

test("an audit is estimated, declared and started", async () => {
  await page.getByRole("link", { name: "New audit" }).click();
  await expect(page.getByRole("heading", { name: "New audit" })).toBeVisible();
  await expect(page.getByRole("complementary", { name: "Estimate" })).toContainText("Possible conclusions");
  await page.getByRole("button", { name: "Start the audit" }).click();
  await expect(page.getByRole("alert")).toContainText("Confirm this before the attack.");
  await page.getByRole("radio", { name: /Quick/ }).check();
  await page.getByRole("button", { name: /^Advanced/ }).click();
  await page.getByLabel("Attack setting").selectOption("lom"); // needs no students, whose training takes longest
  await page.getByRole("checkbox", { name: /All 90/ }).uncheck();
  await page.getByLabel("Sample of").fill("10");
  await page.getByLabel("Declared by").fill("Browser test");
  await page.getByLabel("Declaration").fill("The model and the characters are the demo's own.");
  await page.getByRole("checkbox", { name: /We may audit this model/ }).check();
  await expect(page.getByText("--identities 10")).toBeVisible();
  await expect(page).toHaveURL(/effort=quick&setting=lom&identities=10/);
  await expectNoBarriers();
  await page.getByRole("button", { name: "Start the audit" }).click();
  await expect(page).toHaveURL(/\/audits\/aud_[0-9a-f]{32}/);
  auditAddress = page.url();
});

test("its stages can be followed, left and opened again", async () => {
  await expect(page.getByRole("heading", { name: "Stages", exact: true })).toBeVisible();
  await expect(page.getByRole("row", { name: /Prepare/ })).toContainText(/Running|Done/, { timeout: 180_000 });
  await expectNoBarriers();
  await page.getByRole("link", { name: "Audits" }).first().click();
  await expect(page.getByRole("row", { name: /badge-reader/ })).toContainText(/Running|Queued|Fail|Pass|Inconclusive/);
  await page.goto(auditAddress);
  await expect(page.getByRole("row", { name: /Prepare/ }).or(page.getByRole("heading", { name: "The line-up" })).first()).toBeVisible();
});

test("it ends, without a reload, with the verdict of the service", async () => {
  test.setTimeout(AUDIT_MINUTES * 60_000);
  await expect(page.getByRole("heading", { name: "The line-up" })).toBeVisible({ timeout: AUDIT_MINUTES * 60_000 });
  const id = new URL(auditAddress).pathname.split("/").pop() ?? "";
  const result = await api<Result>(`/audits/${id}/result`);
  await expect(page.getByRole("heading", { level: 1 })).toContainText(`${result.verdict}:`);
  await expect(page.getByRole("img", { name: /^Risk/ })).toBeVisible();
  await expect(page.getByRole("table", { name: "People" }).getByRole("row")).toHaveCount(11);
  await page.getByRole("button", { name: "Show as table" }).first().click(); // that of the risk
  await expect(page.getByRole("row", { name: /Attack accuracy, top-1 \(uncalibrated\)/ })).toBeVisible();
  await page.getByRole("button", { name: "Show as plot" }).click();
  await expectNoBarriers();
});

test("every figure on the page is that of the API, as a plot and as a table", async () => {
  const id = new URL(auditAddress).pathname.split("/").pop() ?? "";
  const result = { ...(await api<Result>(`/audits/${id}/result`)), audit: await api<Audit>(`/audits/${id}`) };
  const compare = async () => {
    const shown = await page.evaluate(shownFigures);
    expect(shown).toEqual(shown.map(({ path }) => ({ path, ...written(figureAt(result, path) ?? { value: NaN }) })));
    return shown.map(({ path }) => path);
  };
  const paths = await compare();
  expect(wantedPaths(result).filter((path) => !paths.includes(path))).toEqual([]);
  await page.getByRole("button", { name: "Show as table" }).first().click(); // that of the risk
  const again = await compare();
  expect(again.filter((path) => path === "risk")).toHaveLength(2); // the plot is hidden, not gone
  await page.getByRole("button", { name: "Show as plot" }).click();
});

test("every identity on the page is that of the API, most exposed first", async () => {
  const id = new URL(auditAddress).pathname.split("/").pop() ?? "";
  const items = await listed<IdentityOutcome>(`/audits/${id}/identities`);
  const exposed = [...items].sort((a, b) => (a.rank_exposed ?? Infinity) - (b.rank_exposed ?? Infinity));
  const rows = await page.locator("[data-identity]").evaluateAll((all) =>
    all.map((row) => {
      const text = (part: string) => row.querySelector(`[data-part="${part}"]`)?.textContent.trim() ?? "";
      return { name: text("name"), verified: text("verified"), similarity: text("similarity"), threshold: text("threshold"), rank: text("rank"), verifier: text("verifier") };
    }),
  );
  expect(rows).toEqual(
    exposed.map((one) => ({
      name: one.name,
      verified: one.verified === null ? "–" : one.verified ? "recognised" : "no",
      similarity: writtenNumber(one.similarity),
      threshold: writtenNumber(one.threshold),
      rank: one.rank === null ? "–" : String(one.rank),
      verifier: one.verifier ?? "–",
    })),
  );
  const pairs = await page.locator("[data-pair]").evaluateAll((all) =>
    all.map((pair) => ({
      identity: Number(pair.getAttribute("data-pair")),
      similarity: pair.querySelector('[data-part="similarity"]')?.textContent ?? "–",
      threshold: pair.querySelector('[data-part="threshold"]')?.textContent ?? "–",
    })),
  );
  expect(pairs).toEqual(
    exposed.slice(0, pairs.length).map((one) => ({ identity: one.identity, similarity: writtenNumber(one.similarity), threshold: writtenNumber(one.threshold) })),
  );
});

test("identities are sorted and filtered in the address", async () => {
  await page.getByRole("button", { name: "Sort by similarity" }).click();
  await expect(page).toHaveURL(/sort=similarity/);
  await page.getByLabel("Outcome").selectOption("missed");
  await expect(page).toHaveURL(/show=missed/);
  await page.getByLabel("Outcome").selectOption("all");
});

test("images are covered until a purpose is stated, and each reveal is logged", async () => {
  const shown = page.getByRole("img", { name: /, covered$/ });
  const count = await shown.count();
  expect(count).toBeGreaterThan(0);
  await page.getByRole("button", { name: "Reveal images" }).click();
  const dialog = page.getByRole("dialog", { name: "Reveal the images" });
  await expect(dialog).toContainText("The audit log gets an entry for each one");
  await expectNoBarriers();
  await dialog.getByRole("button", { name: "Reveal and log" }).click();
  await expect(dialog).toContainText("Choose a purpose.");
  await dialog.getByLabel("Show").selectOption("all");
  await dialog.getByRole("radio", { name: "To check the finding" }).check();
  await dialog.getByRole("button", { name: "Reveal and log" }).click();
  const originals = page.getByRole("img", { name: /^(Reconstruction of|Nearest private image of)/ });
  await expect(originals).toHaveCount(count);
  await expect.poll(() => originals.first().evaluate((canvas: HTMLCanvasElement) => canvas.width)).toBe(32);
  const { project_id } = await api<{ project_id: string }>(`/audits/${new URL(auditAddress).pathname.split("/").pop() ?? ""}`);
  const lines = async () => {
    const log = await listed<{ action: string }>(`/projects/${project_id}/audit-log`);
    return log.filter(({ action }) => action === "image.revealed").length;
  };
  await expect.poll(lines).toBe(count);
  await page.screenshot({ path: "test-results/result-revealed.png", fullPage: true });
  await page.getByRole("button", { name: "Cover again" }).click();
  await expect(shown).toHaveCount(count);
});

test("a policy decides the audit, and a failed gate says what to do next", async () => {
  const menu = page.getByRole("navigation", { name: "Main" });
  await menu.getByRole("link", { name: "Policies" }).click();
  await page.getByRole("button", { name: "New policy" }).click();
  await page.getByLabel("Name", { exact: true }).fill("production");
  await page.getByLabel("Fewest identities").fill("90"); // ten were audited
  await page.getByRole("button", { name: "Test on past releases" }).click();
  const draft = page.getByRole("table", { name: "Decisions of this draft on past releases" });
  await expect(draft.getByRole("row", { name: /badge-reader/ })).toContainText("Failed");
  await expectNoBarriers();
  await page.getByRole("button", { name: "Create the policy" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "production" })).toBeVisible();
  await page.getByRole("button", { name: "Make it the default" }).click();
  await expect(page.getByRole("button", { name: "End the default" })).toBeVisible();
  await expectNoBarriers();

  await page.goto(auditAddress);
  const id = new URL(auditAddress).pathname.split("/").pop() ?? "";
  const rules = page.getByRole("table", { name: "Rules of the policy" });
  await expect(rules.getByRole("row", { name: /EXH003/ })).toContainText("Failed");
  const decision = await api<{ next_step: string; rules: { id: string }[] }>(`/audits/${id}/decision`);
  for (const rule of decision.rules) await expect(rules.getByText(rule.id, { exact: true })).toBeVisible();
  await expect(page.getByText(decision.next_step)).toBeVisible();
  await page.getByRole("button", { name: "Ask for a waiver" }).click();
  const dialog = page.getByRole("dialog", { name: "Ask for a waiver" });
  await dialog.getByLabel("Rule").selectOption("EXH003");
  await dialog.getByLabel("Reason").fill("The browser test audits ten characters only.");
  await expectNoBarriers();
  await dialog.getByRole("button", { name: "Ask for it" }).click();
  await expect(dialog).toBeHidden();
});

test("the page of a target is the home of its line", async () => {
  await page.getByRole("link", { name: /^badge-reader 1\.0/ }).click();
  await page.getByRole("navigation", { name: "Breadcrumb" }).getByRole("link", { name: "badge-reader" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "badge-reader" })).toBeVisible();
  await expect(page.getByText(/^One release is audited so far: R of 1\.0 is/)).toBeVisible();
  await expect(page.getByRole("table", { name: /Releases of badge-reader/ }).getByRole("row", { name: /1\.0/ })).toContainText("Failed");
  await expect(page.getByRole("row", { name: /EXH003.*The browser test audits ten/ })).toContainText("Waits for approval");
  await page.getByRole("link", { name: "New schedule" }).click();
  await expect(page.getByRole("status").getByText("03:00", { exact: false }).first()).toBeVisible();
  await page.getByLabel("Public images").selectOption("omniglot-public");
  await page.getByLabel("Declared by").fill("Browser test");
  await page.getByLabel("Declaration of rights").fill("The model and the characters are the demo's own.");
  await expectNoBarriers();
  await page.getByRole("button", { name: "Create the schedule" }).click();
  await expect(page.getByText("Next due times")).toBeVisible();
  await expectNoBarriers();
  await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Webhooks" }).click();
  await page.getByRole("button", { name: "New webhook" }).click();
  await page.getByLabel("Name", { exact: true }).fill("registry");
  await page.getByLabel("Address").fill("https://registry.example.com/exhume");
  await expectNoBarriers();
  await page.getByRole("button", { name: "Create the webhook" }).click();
  await expect(page.getByText(/^whsec_/)).toBeVisible();
  await expect(page.getByText("Latest deliveries")).toBeVisible();
  await expectNoBarriers();
  await page.goto(auditAddress);
});

test("the dark theme works on every page", async () => {
  await page.screenshot({ path: "test-results/result-light.png", fullPage: true });
  await page.getByRole("button", { name: "Dark theme" }).click();
  await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
  await page.screenshot({ path: "test-results/result-dark.png", fullPage: true });
  await expectNoBarriers();
  for (const name of ["Audits", "Models", "Policies", "Schedules", "Webhooks", "Data sets", "API keys", "Audit log", "Deletions", "Limits", "Members", "System"]) {
    await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name }).click();
    await expect(page.getByRole("heading", { level: 1, name })).toBeVisible();
    await page.waitForLoadState("networkidle");
    await expectNoBarriers();
    await page.screenshot({ path: `test-results/${name.toLowerCase().replace(" ", "-")}-dark.png`, fullPage: true });
  }
  await page.reload();
  await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
});

test("no page scrolls sideways on a phone", async () => {
  await page.setViewportSize({ width: 390, height: 844 });
  for (const name of ["Audits", "Models", "Policies", "Schedules", "Webhooks", "Data sets", "Verifiers", "API keys", "Audit log", "Deletions", "Limits", "Members", "System"]) {
    await page.getByRole("button", { name: "Menu" }).click();
    await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name }).click();
    await expect(page.getByRole("heading", { level: 1, name })).toBeVisible();
    await page.waitForLoadState("networkidle");
    expect(await page.evaluate(() => document.documentElement.scrollWidth), name).toBeLessThanOrEqual(390);
  }
  await page.goto(auditAddress);
  await expect(page.getByRole("heading", { name: "The line-up" })).toBeVisible();
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
  await page.setViewportSize({ width: 1440, height: 900 });
});

test("an API key signs in and leads back to the requested page", async ({ browser }) => {
  const context = await browser.newContext();
  const other = await context.newPage();
  await openSignedIn(other, auditAddress);
  await expect(other).toHaveURL(auditAddress);
  await expect(other.getByRole("heading", { name: "The line-up" })).toBeVisible();
  await context.close();
});

test("the security policy was never violated", () => {
  expect(complaints).toEqual([]);
});
