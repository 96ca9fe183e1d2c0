// Opens the list of audits again and again, and clicks in it. Prints milliseconds as one JSON line.
//
// node bench/cost/dashboard_browser.mjs URL KEY PROJECT LOADS
import { createRequire } from "node:module";

const require = createRequire(new URL("../../frontend/package.json", import.meta.url));
const { chromium } = require("@playwright/test");
const [url, key, project, loads] = process.argv.slice(2);
const args = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
const browser = await chromium.launch({ executablePath: process.env.EXHUME_CHROMIUM ?? "/usr/bin/chromium", args });
const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
const page = await context.newPage();

await page.addInitScript(() => {
  window.slow = [];
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) if (entry.interactionId) window.slow.push(entry.duration);
  }).observe({ type: "event", durationThreshold: 16, buffered: true });
});

await page.goto(`${url}/sign-in`);
await page.evaluate(async (token) => {
  const answer = await fetch("/api/v1/session", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ api_key: token }),
  });
  if (!answer.ok) throw new Error(await answer.text());
}, key);

/** Return the first paint with content, and the time until a row of the list is there. */
async function load() {
  await page.goto(`${url}/projects/${project}/audits`, { waitUntil: "commit" });
  await page.waitForSelector("tbody tr");
  return page.evaluate(() => ({
    paint: performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? performance.now(),
    rows: performance.now(),
  }));
}

const seen = [];
for (let i = 0; i < Number(loads); i += 1) seen.push(await load());

/** Click, let the page answer, and return how long each interaction took. Shorter ones than 16 ms count as 8. */
async function interactions() {
  let clicks = 0;
  const act = async (work) => {
    clicks += 1;
    await work();
    await page.waitForTimeout(150);
  };
  for (let round = 0; round < 4; round += 1) {
    const more = page.getByRole("button", { name: /more/i }).first();
    if (await more.isVisible()) await act(() => more.click());
    for (const header of await page.locator("thead button").all()) await act(() => header.click());
    for (const field of await page.locator("main input[type=search], main input[type=text]").all()) {
      await act(() => field.pressSequentially("badge", { delay: 30 }));
      await act(() => field.fill(""));
    }
  }
  const project = page.getByRole("navigation").getByRole("link");
  for (const name of (await project.allTextContents()).slice(0, 6)) {
    await act(() => page.getByRole("navigation").getByRole("link", { name, exact: true }).first().click());
  }
  const slow = await page.evaluate(() => window.slow);
  return [...slow, ...Array(Math.max(0, clicks - slow.length)).fill(8)];
}

console.log(JSON.stringify({ paints: seen.map((one) => one.paint), rows: seen.map((one) => one.rows), interactions: await interactions() }));
await browser.close();
