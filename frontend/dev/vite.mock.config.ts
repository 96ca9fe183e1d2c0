// `npm run dev:mock`: the dashboard over the stand-in service.
import { defineConfig, mergeConfig } from "vite";
import base from "../vite.config";
import { mockApi } from "./mock-api";

export default mergeConfig(base, defineConfig({ plugins: [mockApi()], server: { port: 5199, proxy: {} } }));
