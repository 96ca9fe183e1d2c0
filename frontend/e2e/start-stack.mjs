// Starts a stack in a temporary folder, trains the small demo target and uploads it through the
// REST API.
//
// `node e2e/start-stack.mjs` prints {url, token, key, project, target} as one JSON line and runs until it is
// interrupted.
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { chmod, mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
const python = process.env.EXHUME_PYTHON ?? join(root, ".venv/bin/python");

const EPOCHS = "10"; // the target need not be as good as that of the demo

/**
 * Resolves with the first match of `pattern` in the output of a process. Rejects if it ends
 * before.
 */
function waitFor(child, pattern) {
  return new Promise((resolve, reject) => {
    let output = "";
    const hear = (chunk) => {
      output += String(chunk);
      const match = pattern.exec(output);
      if (match) resolve(match);
    };
    child.stdout.on("data", hear);
    child.stderr.on("data", hear);
    child.on("exit", (code) => reject(new Error(`ended with ${code} before ${pattern}:\n${output}`)));
  });
}

async function trainTarget(folder) {
  const child = spawn(python, ["-m", "worker.demo.prepare", "--out", folder, "--epochs", EPOCHS], { cwd: root });
  child.on("error", (error) => {
    throw error;
  });
  let output = "";
  child.stdout.on("data", (chunk) => (output = (output + String(chunk)).slice(-4000)));
  child.stderr.on("data", (chunk) => (output = (output + String(chunk)).slice(-4000)));
  const code = await new Promise((resolve) => child.on("exit", resolve));
  if (code !== 0) throw new Error(`training the target ended with ${code}:\n${output}`);
}

async function seed(url, key, folder) {
  const call = async (method, path, body, binary = false) => {
    const answer = await fetch(`${url}/api/v1${path}`, {
      method,
      headers: {
        Authorization: `Bearer ${key}`,
        ...(body === undefined ? {} : { "Content-Type": binary ? "application/octet-stream" : "application/json" }),
      },
      body: body === undefined || binary ? body : JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  };
  const ready = async (path) => {
    for (let tries = 0; tries < 600; tries += 1) {
      const { state, problem } = await call("GET", path);
      if (state === "ready") return;
      if (state === "refused") throw new Error(`${path} was rejected: ${JSON.stringify(problem)}`);
      await new Promise((resolve) => setTimeout(resolve, 1000));
    }
    throw new Error(`${path} was not checked in ten minutes`);
  };
  const put = async (path, file) => {
    const bytes = await readFile(join(folder, file));
    const digest = createHash("sha256").update(bytes).digest("hex");
    await call("PUT", `${path}?sha256=${digest}`, bytes, true);
  };
  const { id: project } = await call("POST", "/projects", { name: "Access control" });
  const { id: target } = await call("POST", `/projects/${project}/targets`, { name: "badge-reader", description: "" });
  const { architecture, hyperparameters, convention, classes } = JSON.parse(await readFile(join(folder, "release.json"), "utf8"));
  const release = await call("POST", `/targets/${target}/releases`, { version: "1.0", architecture, hyperparameters, convention, classes });
  await put(`/releases/${release.id}/file`, "model.safetensors");
  for (const role of ["public", "private"]) {
    const dataset = await call("POST", `/projects/${project}/datasets`, { name: `omniglot-${role}`, role });
    await put(`/datasets/${dataset.id}/file`, `${role}.npz`);
    await ready(`/datasets/${dataset.id}`);
  }
  await ready(`/releases/${release.id}`);
  return project;
}

/** Return a running stack with data. `stop` ends it and removes its folder. */
export async function startStack() {
  const folder = await mkdtemp(join(tmpdir(), "exhume-e2e-"));
  await chmod(folder, 0o755); // as root, the servers run as another user
  const data = join(folder, "data");
  await mkdir(data);
  const trained = process.env.EXHUME_E2E_TARGET ?? join(folder, "target");
  const up = spawn(python, ["-m", "app.cli", "up"], {
    cwd: root,
    env: { ...process.env, EXHUME_DATA_DIR: data, EXHUME_PORT: "0", COLUMNS: "300" },
  });
  process.once("exit", () => up.kill("SIGTERM")); // also when the tests are interrupted
  const stop = async () => {
    if (up.exitCode === null) {
      const gone = new Promise((resolve) => up.on("exit", resolve));
      up.kill("SIGTERM");
      await gone;
    }
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const [[, url, token]] = await Promise.all([
      waitFor(up, /Sign in once with: (http:\/\/[^/\s]+)\/sign-in#token=(\S+)/),
      process.env.EXHUME_E2E_TARGET ? null : trainTarget(trained),
    ]);
    const key = (await readFile(join(data, "run/admin.key"), "utf8")).trim();
    const project = await seed(url, key, trained);
    return { url, token, key, project, target: trained, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { stop, ...stack } = await startStack();
  console.log(JSON.stringify(stack));
  for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => void stop().then(() => process.exit(0)));
}
