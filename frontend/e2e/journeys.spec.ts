// What follows a first audit: a failed upload and a failed audit put right, a blind line-up by two
// people, the report to sign, and two releases compared. The second audit runs meanwhile.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Browser, expect, type Page, test } from "@playwright/test";
import type { Audit, BlindLineUpResult, Comparison, Dataset, Result } from "../src/api/model";
import { written } from "../src/testing/written";
import { api, key, listed, openSignedIn, url } from "./service";

const folder = process.env.EXHUME_E2E_TARGET ?? "";
const python = process.env.EXHUME_PYTHON ?? fileURLToPath(new URL("../../.venv/bin/python", import.meta.url));
const AUDIT_MINUTES = 10;
const IDENTITIES = 3;
const PDF_TEXT = "import sys; from pypdf import PdfReader; print(*(page.extract_text() for page in PdfReader(sys.argv[1]).pages))";

test.describe.configure({ mode: "serial" });

let page: Page;
let first: Audit;
let second: string;

test.beforeAll(async ({ browser }) => {
  const projects = await listed<{ id: string }>("/projects");
  const lists = await Promise.all(projects.map(({ id }) => listed<Audit>(`/projects/${id}/audits?state=succeeded`)));
  const found = lists.flat().at(-1); // the oldest
  if (!found) throw new Error("There is no finished audit.");
  first = found;
  page = await (await browser.newContext({ viewport: { width: 1440, height: 900 } })).newPage();
});

test.afterAll(async () => {
  await page.context().close();
});

/** Upload a data set through the API, and wait until it was checked. */
async function uploaded(name: string, role: Dataset["role"], file: string): Promise<Dataset> {
  const { id } = await api<Dataset>(`/projects/${first.project_id}/datasets`, { name, role });
  const bytes = await readFile(join(folder, file));
  const digest = createHash("sha256").update(bytes).digest("hex");
  const headers = { Authorization: `Bearer ${key}`, "Content-Type": "application/octet-stream" };
  const sent = await fetch(`${url}/api/v1/datasets/${id}/file?sha256=${digest}`, { method: "PUT", headers, body: new Uint8Array(bytes) });
  expect(sent.ok, await sent.text()).toBe(true);
  await expect.poll(async () => (await api<Dataset>(`/datasets/${id}`)).state, { timeout: 120_000 }).toBe("ready");
  return api<Dataset>(`/datasets/${id}`);
}

test("a failed upload has its error at the field, is corrected and accepted", async () => {
  await openSignedIn(page, `${url}/projects/${first.project_id}/models?add=true`);
  await page.getByLabel("Checkpoint").setInputFiles(join(folder, "model.safetensors"));
  await page.getByRole("button", { name: /^Advanced/ }).click();
  await page.getByLabel("Description, JSON").fill(await readFile(join(folder, "release.json"), "utf8"));
  await page.getByRole("button", { name: "Fill in the form" }).click();
  await page.getByLabel("Target", { exact: true }).fill(first.release.target_name);
  await page.getByRole("textbox", { name: "Version" }).fill(first.release.version);
  await page.getByRole("button", { name: "Upload and check" }).click();
  await page.getByRole("button", { name: "Add it as another release" }).click(); // the same file as the first one
  await expect(page.getByRole("textbox", { name: "Version" })).toHaveAttribute("aria-invalid", "true");
  await expect(page.getByRole("alert")).toContainText("Version");
  await expect(page.getByRole("link", { name: "Version", exact: true })).toBeVisible();
  await page.getByRole("link", { name: "Version", exact: true }).click();
  await expect(page.getByRole("textbox", { name: "Version" })).toBeFocused();
  await page.keyboard.press("Control+A");
  await page.keyboard.type("1.1");
  await page.getByRole("button", { name: "Upload and check" }).click();
  await page.getByRole("button", { name: "Add it as another release" }).click();
  await expect(page.getByText("It passed its checks. Next: audit it.")).toBeVisible({ timeout: 120_000 });
});

test("an audit that failed is started again with its plan", async () => {
  const copies = await uploaded("a copy of the private images", "public", "private.npz");
  await page.getByRole("link", { name: "Audit this release" }).click();
  await page.getByLabel("Public images", { exact: true }).selectOption(copies.id);
  await page.getByRole("radio", { name: /Quick/ }).check();
  await page.getByRole("button", { name: /^Advanced/ }).click();
  await page.getByLabel("Attack setting").selectOption("lom");
  await page.getByRole("checkbox", { name: /^All \d+/ }).uncheck();
  await page.getByLabel("Sample of").fill(String(IDENTITIES));
  await page.getByLabel("Declared by").fill("Browser test");
  await page.getByLabel("Declaration").fill("The model and the characters are the demo's own.");
  await page.getByRole("checkbox", { name: /We may audit this model/ }).check();
  await page.getByRole("button", { name: "Start the audit" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("This audit did not finish, so there is no verdict", { timeout: AUDIT_MINUTES * 60_000 });
  await expect(page.getByText(/are left without copies of private images/).first()).toBeVisible();
  const failed = await api<Audit>(`/audits/${new URL(page.url()).pathname.split("/").pop() ?? ""}`);

  await page.getByRole("link", { name: "Start it again …" }).click();
  await page.getByLabel("Public images", { exact: true }).selectOption(first.public_dataset.id);
  await page.getByRole("button", { name: "Declare the same" }).click();
  await page.getByRole("checkbox", { name: /We may audit this model/ }).check();
  await page.getByRole("button", { name: "Start the audit" }).click();
  await expect(page).toHaveURL(/\/audits\/aud_[0-9a-f]{32}/);
  second = new URL(page.url()).pathname.split("/").pop() ?? "";
  const again = await api<Audit>(`/audits/${second}`);
  expect(again.plan.identities).toHaveLength(IDENTITIES);
  for (const kept of ["identities", "seed", "effort", "attacks", "budget", "verifiers"] as const) expect(again.plan[kept]).toEqual(failed.plan[kept]);
});

/** Review a whole line-up with keys alone: the first candidate and none of these, in turn. */
async function review(reviewer: Page, items: number): Promise<void> {
  await reviewer.getByLabel("Purpose").focus();
  await reviewer.keyboard.type("measure what people recognise");
  await reviewer.keyboard.press("Enter");
  for (let item = 1; item <= items; item += 1) {
    await expect(reviewer.getByRole("form", { name: `Item ${item} of ${items}` })).toHaveAttribute("aria-busy", "false");
    await reviewer.keyboard.press(item % 2 === 1 ? "1" : "0");
    await reviewer.keyboard.press("Enter");
  }
  await expect(reviewer.getByText("Your review is finished.")).toBeVisible();
}

/** Invite somebody as an auditor, and return the page on which the account was made. */
async function invited(browser: Browser): Promise<Page> {
  const [organisation] = await listed<{ id: string }>("/organisations");
  const { link } = await api<{ link: string }>(`/organisations/${organisation?.id ?? ""}/invitations`, { email: "robin@example.org", role: "auditor" });
  const person = await (await browser.newContext({ viewport: { width: 1440, height: 900 } })).newPage();
  await person.goto(link);
  await person.getByLabel("Name").fill("Robin Vale");
  await person.getByLabel("Password").fill("a long and quiet afternoon");
  await person.getByRole("button", { name: "Accept" }).click();
  await expect(person.getByRole("navigation", { name: "Main" })).toBeVisible();
  return person;
}

test("two people review a blind line-up with the keyboard, and see how far they agree", async ({ browser }) => {
  await page.goto(`${url}/audits/${first.id}`);
  await page.getByRole("button", { name: "New blind line-up" }).click();
  await page.getByLabel("Candidates").selectOption("2");
  await page.getByLabel("Reconstructions, at most").fill("3");
  await page.getByRole("button", { name: "Make it" }).click();
  await page.getByRole("link", { name: "Review", exact: true }).click();
  await expect(page.getByText("9 items with 2 candidates each.")).toBeVisible();
  const other = await invited(browser);
  await other.goto(page.url());
  await review(page, 9);
  await expect(other.getByText("There are results once a review is finished.")).toBeVisible();
  await review(other, 9);
  const found = await api<BlindLineUpResult>(`/blind-line-ups/${new URL(page.url()).pathname.split("/").pop() ?? ""}/results`);
  expect(found.reviewers).toBe(2);
  for (const reader of [page, other]) {
    await reader.reload();
    await expect(reader.getByText(found.sentence)).toBeVisible();
    await expect(reader.locator('[data-figure="agreement"]')).toHaveText("1.000"); // they gave the same answers
    await expect(reader.getByRole("row", { name: /Robin Vale|robin@example.org/ })).toBeVisible();
  }
  await other.context().close();
});

test("the report is a PDF with the verdict, the risk and a place to sign", async () => {
  await page.goto(`${url}/audits/${first.id}`);
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "Report", exact: true }).click()]);
  const text = execFileSync(python, ["-c", PDF_TEXT, await download.path()], { encoding: "utf8" }).replaceAll(/\s+/g, " ");
  const result = await api<Result>(`/audits/${first.id}/result`);
  const plain = text.replaceAll(" %", "%");
  expect(plain).toContain(result.verdict);
  if (result.risk) expect(plain).toContain(written(result.risk).interval.replaceAll(" %", "%"));
  for (const words of [first.release.target_name, first.release.version, first.plan_digest.replace("sha256:", "").slice(0, 12), "Signature"]) expect(text).toContain(words);
  for (const { name } of result.named) expect(text).not.toContain(name);
});

test("two releases are compared over the identities of both", async () => {
  test.setTimeout(AUDIT_MINUTES * 60_000);
  await page.goto(`${url}/audits/${second}`);
  await expect(page.getByRole("heading", { name: "The line-up" })).toBeVisible({ timeout: AUDIT_MINUTES * 60_000 });
  await page.goto(`${url}/audits/${first.id}`);
  await page.getByRole("button", { name: "Compare …" }).click();
  await page.getByRole("link", { name: new RegExp(`${first.release.target_name} 1\\.1`) }).click();
  const comparison = await api<Comparison>(`/audits/${first.id}/comparison/${second}`);
  expect(comparison.shared).toBe(IDENTITIES);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(comparison.sentence);
  const shown = page.locator("[data-figure=difference] [data-part=value]");
  if (comparison.difference) await expect(shown).toHaveText(written({ ...comparison.difference, format: "difference" }).value);
  else await expect(shown).toHaveCount(0);
});
