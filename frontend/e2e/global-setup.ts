// The stack of the tests: that of EXHUME_E2E_URL, EXHUME_E2E_TOKEN and EXHUME_E2E_KEY, or a new
// one. EXHUME_E2E_TARGET is the folder of its model and images.
import { startStack } from "./start-stack.mjs";

export default async function globalSetup(): Promise<() => Promise<void>> {
  if (process.env.EXHUME_E2E_URL) return () => Promise.resolve();
  const stack = await startStack();
  process.env.EXHUME_E2E_URL = stack.url;
  process.env.EXHUME_E2E_TOKEN = stack.token;
  process.env.EXHUME_E2E_KEY = stack.key;
  process.env.EXHUME_E2E_TARGET = stack.target;
  return stack.stop;
}
