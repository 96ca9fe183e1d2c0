// Configuration of `npm run dev:mock`: the dashboard with the mock of the service.
import { defineConfig, mergeConfig } from "vite";
import base from "../vite.config.ts";
import { mockApi } from "./mock-api.ts";

export default mergeConfig(base, defineConfig({ plugins: [mockApi()], server: { port: 5199, proxy: {} }, preview: { host: "127.0.0.1", port: 5199, proxy: {} } }));
