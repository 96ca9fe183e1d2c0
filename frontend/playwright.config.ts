// End-to-end tests in a real browser against a real stack (see e2e/start-stack.mjs).
import { defineConfig } from "@playwright/test";

const browser = process.env.EXHUME_CHROMIUM ?? "/usr/bin/chromium";

export default defineConfig({
  testDir: "e2e",
  testMatch: "*.spec.ts",
  globalSetup: "./e2e/global-setup.ts",
  workers: 1,
  fullyParallel: false,
  retries: 0,
  timeout: 240_000,
  expect: { timeout: 30_000 },
  reporter: [["list"]],
  outputDir: "test-results",
  use: {
    viewport: { width: 1440, height: 900 },
    trace: "retain-on-failure",
    launchOptions: { executablePath: browser, args: process.getuid?.() === 0 ? ["--no-sandbox"] : [] },
  },
});
