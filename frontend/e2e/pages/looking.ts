// Looking at one page: when it is complete, whether it scrolls sideways, what axe finds in it.
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import type { Page } from "@playwright/test";

const axeFile = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

interface Axe {
  run: (options: object) => Promise<{ violations: { id: string; nodes: { target: unknown; failureSummary?: string }[] }[] }>;
}

/** Counts the requests of a page that have no answer yet. Event streams never end and do not count. */
export class Requests {
  private readonly open = new Set<unknown>();

  constructor(page: Page) {
    page.on("request", (request) => {
      if (!new URL(request.url()).pathname.endsWith("/events")) this.open.add(request);
    });
    page.on("requestfinished", (request) => this.open.delete(request));
    page.on("requestfailed", (request) => this.open.delete(request));
  }

  get none(): boolean {
    return this.open.size === 0;
  }
}

/** Let React and the observers of sizes draw: two frames. */
export const drawn = (page: Page) =>
  page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(null)))));

/** Go to an address without loading the dashboard again, and wait until the page is complete. */
export async function open(page: Page, requests: Requests, address: string): Promise<void> {
  await page.evaluate((to) => {
    history.pushState({}, "", to);
    scrollTo(0, 0);
  }, address);
  const until = Date.now() + 10_000;
  for (let quiet = 0; quiet < 3; quiet = requests.none ? quiet + 1 : 0) {
    if (Date.now() > until) throw new Error(`${address} does not become complete.`);
    await drawn(page);
  }
  await page.waitForFunction(() => !/^Loading /m.test(document.body.innerText), undefined, { timeout: 30_000 });
  await page.evaluate(() => document.fonts.ready);
}

/** Return the elements that make the page wider than the window. Empty if it does not scroll. */
export const scrollsSideways = (page: Page) =>
  page.evaluate(() => {
    const room = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= room) return [];
    return [...document.querySelectorAll("body *")]
      .filter((one) => one.getBoundingClientRect().right > room + 1 && !one.parentElement?.closest("[role=region], .overflow-auto, .overflow-x-auto"))
      .slice(0, 4)
      .map((one) => `${one.tagName.toLowerCase()}.${String(one.getAttribute("class")).slice(0, 60)} ends at ${Math.round(one.getBoundingClientRect().right)} of ${room}`)
      .concat(`scrollWidth ${document.documentElement.scrollWidth}`);
  });

/** Return a picture of what the window shows, in half its size, which keeps the stored ones small. */
export async function picture(page: Page): Promise<Buffer> {
  const { width, height } = page.viewportSize() ?? { width: 0, height: 0 };
  const session = await page.context().newCDPSession(page);
  const clip = { x: 0, y: 0, width, height, scale: 0.5 };
  const { data } = await session.send("Page.captureScreenshot", { format: "png", clip });
  await session.detach();
  return Buffer.from(data, "base64");
}

/** Return the violations that axe finds, one line for each element. */
export async function barriers(page: Page): Promise<string[]> {
  const loaded = await page.evaluate(() => "axe" in window);
  if (!loaded) await page.evaluate(await readFile(axeFile, "utf8"));
  return page.evaluate(async (runOnly) => {
    const { axe } = window as unknown as { axe: Axe };
    const { violations } = await axe.run({ runOnly, resultTypes: ["violations"] });
    return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${JSON.stringify(node.target)} ${node.failureSummary ?? ""}`));
  }, RULES);
}
