// Walks every route in both themes at four widths: nothing scrolls sideways, axe finds no barrier, the
// console stays silent, and the first address of each route looks as in its picture in e2e/baseline.
import { readFile } from "node:fs/promises";
import { expect, test } from "@playwright/test";
import { NOW } from "../../playwright.pages.config";
import { ADDRESSES } from "./addresses";
import { barriers, drawn, open, picture, Requests, scrollsSideways } from "./looking";

const HEIGHTS = { 360: 740, 390: 844, 1024: 768, 1440: 900 };
const WIDTHS = [1440, 1024, 390, 360] as const;
const PICTURED: readonly number[] = [1440, 390];
const EXAMINED: readonly number[] = [1440, 360];
const only = process.env.EXHUME_ONLY_PAGES;

test("every route has an address to walk", async () => {
  const router = await readFile(new URL("../../src/app/router.tsx", import.meta.url), "utf8");
  const routes = [...router.matchAll(/path: "([^"]+)"/g)].map(([, path]) => path);
  expect(Object.keys(ADDRESSES).sort()).toEqual(routes.sort());
});

for (const theme of ["light", "dark"] as const) {
  test(`every page in the ${theme} theme`, async ({ browser, baseURL }) => {
    const context = await browser.newContext({ baseURL, colorScheme: theme, viewport: { width: 1440, height: 900 } });
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on("console", (message) => {
      if (message.type() === "error") complaints.push(`${message.text()} ${message.location().url}`);
    });
    page.on("pageerror", (error) => complaints.push(error.message));
    await page.clock.setFixedTime(new Date(NOW));
    await page.goto("/system");
    const requests = new Requests(page);
    for (const [route, addresses] of Object.entries(ADDRESSES)) {
      for (const [index, address] of addresses.entries()) {
        if (only && !address.includes(only)) continue;
        const name = `${theme} ${address}`;
        await page.setViewportSize({ width: 1440, height: 900 });
        await open(page, requests, address);
        for (const width of WIDTHS) {
          await page.setViewportSize({ width, height: HEIGHTS[width] });
          await drawn(page);
          expect.soft(await scrollsSideways(page), `${name} at ${width} px scrolls sideways`).toEqual([]);
          if (index === 0 && PICTURED.includes(width)) {
            expect.soft(await picture(page)).toMatchSnapshot(`${pictureOf(route)}-${width}-${theme}.png`, { maxDiffPixelRatio: 0.02 });
          }
          if (EXAMINED.includes(width) && (theme === "light" || width === 1440)) {
            expect.soft(await barriers(page), `${name} at ${width} px`).toEqual([]);
          }
        }
        expect.soft(complaints.splice(0), `${name}: console`).toEqual([]);
      }
    }
    await context.close();
  });
}

/** Return the name of the picture of a route. */
function pictureOf(route: string): string {
  const words = route.split("/").filter(Boolean);
  return words.map((part) => (part.startsWith("$") ? "one" : part)).join("-") || "home";
}
