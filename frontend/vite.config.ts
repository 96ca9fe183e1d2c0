// Build of the dashboard into app/static. In development, requests go to a running `exhume up`.
import { fileURLToPath } from "node:url";
import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";
import { compressed } from "./compressed.ts";
import { firstLoad } from "./firstLoad.ts";

const api = process.env.EXHUME_API ?? "http://127.0.0.1:8719";
const browserTus = fileURLToPath(new URL("./node_modules/tus-js-client/lib.esm/browser/index.js", import.meta.url));
const source = fileURLToPath(new URL("./src", import.meta.url));

/** Tests that put others in the place of our modules. The rest share a window and modules, which takes less time. */
const MOCKED = "src/**/*.mocked.test.tsx";
const inPage = {
  resolve: { alias: { "tus-js-client": browserTus } }, // the build for browsers, not the one for Node
  test: { environment: "jsdom", setupFiles: ["./src/testing/setup.ts"], testTimeout: 60_000, server: { deps: { inline: ["tus-js-client"] } } },
};

export default defineConfig({
  plugins: [react(), tailwindcss(), firstLoad(150), compressed(1000)],
  resolve: { alias: { "@": source } },
  build: {
    outDir: "../app/static",
    emptyOutDir: true,
    assetsInlineLimit: 0, // the content security policy allows no data: scripts or styles
  },
  server: { host: "127.0.0.1", port: 5173, proxy: { "/api": api, "/readyz": api, "/livez": api, "/problems": api } },
  test: {
    restoreMocks: true,
    unstubGlobals: true,
    projects: [
      { extends: true, test: { name: "pure", environment: "node", include: ["src/**/*.test.ts"], isolate: false } },
      { extends: true, ...inPage, test: { ...inPage.test, name: "pages", include: ["src/**/*.test.tsx"], exclude: [MOCKED], isolate: false } },
      { extends: true, ...inPage, test: { ...inPage.test, name: "mocked", include: [MOCKED] } },
    ],
  },
});
