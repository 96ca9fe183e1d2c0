// An upload whose connection breaks: it continues, and the whole file arrives.
import { randomBytes } from "node:crypto";
import { type AddressInfo, connect, createServer, type Server } from "node:net";
import { expect, test } from "@playwright/test";
import { api, listed, openSignedIn, url } from "./service";

const SIZE = 6_000_000;

interface Upload {
  state: string;
  received: number;
}

/** Start a proxy that breaks the first connection on which the browser sends more than this. */
async function breaking(bytes: number): Promise<Server> {
  let broken = false;
  const proxy = createServer((browser) => {
    const service = connect(Number(new URL(url).port), new URL(url).hostname);
    let sent = 0;
    browser.on("data", (chunk: Buffer) => {
      service.write(chunk);
      sent += chunk.length;
      if (broken || sent < bytes) return;
      broken = true;
      browser.pause();
      service.end(); // the service stores these bytes before the browser notices and may send them again
      setTimeout(() => browser.destroy(), 1_000);
    });
    service.on("data", (chunk: Buffer) => browser.write(chunk));
    for (const [one, other] of [[browser, service], [service, browser]] as const) {
      one.on("close", () => other.end());
      one.on("error", () => other.destroy());
    }
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  return proxy;
}

test("an upload that is interrupted is resumed where it was", async ({ browser }) => {
  const project = await api<{ id: string }>("/projects", { name: `Uploads ${randomBytes(4).toString("hex")}` });
  const uploads = () => listed<Upload>(`/projects/${project.id}/uploads`);
  const context = await browser.newContext();
  const page = await context.newPage();
  const offsets: number[] = [];
  page.on("request", (request) => {
    if (request.method() === "PATCH") offsets.push(Number(request.headers()["upload-offset"]));
  });
  const proxy = await breaking(2_500_000);
  const address = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  await openSignedIn(page, `${address}/projects/${project.id}/datasets?add=true`);
  await page.getByRole("radio", { name: /^Public images/ }).check();
  await page.getByLabel("Images", { exact: true }).setInputFiles({ name: "noise.zip", mimeType: "application/zip", buffer: randomBytes(SIZE) });
  await page.getByRole("button", { name: "Upload and check" }).click();
  await expect.poll(async () => (await uploads()).map(({ state, received }) => [state, received])).toEqual([["complete", SIZE]]);
  expect(offsets.length).toBeGreaterThan(1);
  expect(offsets[0]).toBe(0);
  expect(offsets.at(-1)).toBeGreaterThan(1_000_000); // received bytes were not sent again
  await expect(page.getByText("set-format").first()).toBeVisible(); // the intake rejects noise
  await context.close();
  proxy.close();
});
