// The service under test, as the operator sees it through its API and in a browser.
import { expect, type Page } from "@playwright/test";

export const url = process.env.EXHUME_E2E_URL ?? "";
export const key = process.env.EXHUME_E2E_KEY ?? "";

/** Send a request with the key of the operator, and return the answer. */
export async function api<T>(path: string, body?: object): Promise<T> {
  const headers = { Authorization: `Bearer ${key}`, "Content-Type": "application/json" };
  const answer = await fetch(`${url}/api/v1${path}`, { method: body ? "POST" : "GET", headers, body: body && JSON.stringify(body) });
  expect(answer.ok, `${path}: ${answer.status}`).toBe(true);
  return (await answer.json()) as T;
}

/** Return all items of a list of up to 500. */
export async function listed<T>(path: string): Promise<T[]> {
  return (await api<{ items: T[] }>(`${path}${path.includes("?") ? "&" : "?"}limit=500`)).items;
}

/** Open an address of the dashboard and sign in there with the key of the operator. */
export async function openSignedIn(page: Page, address: string): Promise<void> {
  await page.goto(address);
  await page.getByLabel("API key").fill(key);
  await page.getByRole("button", { name: "Sign in with the key" }).click();
}
