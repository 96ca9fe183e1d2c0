// Renews docs/audit-page.png from a running service that has audited the demo.
//
// npm run readme-picture -- LINK [AUDIT]: LINK signs in, as `exhume up` and `exhume sign-in` print it.
// AUDIT is the page to show, by default the newest finished audit. Its images are revealed, which
// the audit log keeps.
import { fileURLToPath } from "node:url";
import { chromium } from "@playwright/test";

const picture = fileURLToPath(new URL("../../docs/audit-page.png", import.meta.url));
const PURPOSE = "To check the finding";
const [link, wanted] = process.argv.slice(2);
if (!link?.includes("/sign-in#token=")) throw new Error("Give the link that `exhume sign-in` prints.");

const args = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
const browser = await chromium.launch({ executablePath: process.env.EXHUME_CHROMIUM ?? "/usr/bin/chromium", args });
try {
  const page = await browser.newPage({ viewport: { width: 1440, height: 960 }, colorScheme: "light", reducedMotion: "reduce" });
  await page.goto(link);
  await page.getByRole("navigation", { name: "Main" }).waitFor();
  const audit = wanted ?? (await page.evaluate(newest));
  if (!audit) throw new Error("No audit has finished. Run `exhume demo` with this service first.");
  await page.goto(new URL(`/audits/${audit}`, link).href);
  const covered = page.getByRole("img", { name: /^(Reconstruction|Nearest private image) of .*, covered$/ });
  await covered.first().waitFor();
  await page.getByRole("button", { name: "Reveal images" }).click();
  const dialog = page.getByRole("dialog", { name: "Reveal the images" });
  await dialog.getByLabel("Show").selectOption("all");
  await dialog.getByRole("radio", { name: PURPOSE }).check();
  await dialog.getByRole("button", { name: "Reveal and log" }).click();
  await covered.first().waitFor({ state: "detached" });
  const blank = 300; // width of a canvas before an image is drawn
  await page.waitForFunction((width) => {
    const drawn = [...document.querySelectorAll("[data-pair] canvas")].filter((one) => one.width !== width);
    return drawn.length >= document.querySelectorAll("[data-pair]").length;
  }, blank);
  await page.waitForTimeout(1000); // images that come late
  await page.mouse.move(0, 0);
  await page.screenshot({ path: picture });
  console.log(`${picture} shows ${audit}. Does the text of README.md agree?`);
} finally {
  await browser.close();
}

/** Return the id of the newest finished audit of any project. Runs in the page. */
async function newest() {
  const items = async (path) => (await (await fetch(`/api/v1${path}`)).json()).items;
  const projects = await items("/projects");
  const found = await Promise.all(projects.map(({ id }) => items(`/projects/${id}/audits?state=succeeded&limit=1`)));
  const [first] = found.flat().sort((one, other) => other.created_at.localeCompare(one.created_at));
  return first?.id;
}
