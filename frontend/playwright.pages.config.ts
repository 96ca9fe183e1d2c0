// Every page on small and large screens, with the built dashboard and a mock of the service.
import { defineConfig } from "@playwright/test";

const browser = process.env.EXHUME_CHROMIUM ?? "/usr/bin/chromium";
const port = process.env.EXHUME_MOCK_PORT ?? "5198";

/** The time that all documents of the mock and all pages are seen at. */
export const NOW = "2026-03-02T10:00:00Z";

export default defineConfig({
  testDir: "e2e/pages",
  testMatch: "*.pages.ts",
  workers: 1,
  fullyParallel: false,
  retries: 0,
  timeout: 600_000, // a theme takes two minutes, and longer beside the browser tests
  reporter: [["list"]],
  outputDir: "test-results/pages",
  snapshotPathTemplate: "e2e/baseline/{arg}{ext}",
  webServer: {
    command: `npx vite preview --config dev/vite.mock.config.ts --port ${port} --strictPort`,
    url: `http://127.0.0.1:${port}/`,
    env: { EXHUME_MOCK_NOW: NOW },
    timeout: 60_000,
  },
  use: {
    baseURL: `http://127.0.0.1:${port}`,
    timezoneId: "UTC",
    locale: "en-GB",
    deviceScaleFactor: 1,
    reducedMotion: "reduce",
    launchOptions: { executablePath: browser, args: process.getuid?.() === 0 ? ["--no-sandbox"] : [] },
  },
});
