// A mock of the service, to look at every page and state. It is not part of the build.
import "./clock";
import type { IncomingMessage, ServerResponse } from "node:http";
import { crc32, deflateSync } from "node:zlib";
import type { Connect, Plugin } from "vite";
import * as fixtures from "../src/testing/fixtures";

type Handler = (match: RegExpMatchArray, query: URLSearchParams) => unknown;

const page = (items: unknown[]) => ({ items, next_cursor: null });
const mine = (id: string | undefined, items: unknown[]) => page(id === fixtures.projects[2]?.id ? [] : items);
/** Return what a list has for a search. Filters and orders are those of the service. */
const found = (answer: unknown, q: string | null) => {
  const { items } = answer as { items?: unknown[] };
  return q === null || !Array.isArray(items) ? answer : page(items.filter((item) => JSON.stringify(item).toLowerCase().includes(q.toLowerCase())));
};
const audits = [...fixtures.audits, fixtures.replayed, fixtures.training, fixtures.early, fixtures.cancelling, fixtures.queued];
/** Return whether an audit is among those that a query of its list asks for. */
const uses = ({ state, release, public_dataset, private_dataset, gallery_dataset }: (typeof audits)[number], query: URLSearchParams) => {
  const wanted: [string, (string | undefined)[]][] = [
    ["release_id", [release.id]],
    ["target_id", [release.target_id]],
    ["dataset_id", [public_dataset.id, private_dataset?.id, gallery_dataset?.id]],
    ["state", [state]],
  ];
  return wanted.every(([name, values]) => !query.has(name) || query.getAll(name).some((one) => values.includes(one)));
};
const resultOf = (id: string | undefined) => {
  if (id === fixtures.early.id) return fixtures.stopped;
  return id === fixtures.audits[2]?.id ? fixtures.inconclusive : fixtures.result;
};
const jobsOf = (id: string | undefined) => {
  if (id === fixtures.training.id) return fixtures.trainingJobs;
  if (id === fixtures.queued.id) return fixtures.queuedJobs;
  return id === fixtures.audits[4]?.id ? fixtures.failedJobs : fixtures.runningJobs;
};

const GET: [RegExp, Handler][] = [
  [/^\/session$/, () => fixtures.personSession],
  [/^\/projects$/, () => page(fixtures.projects)],
  [/^\/projects\/(\w+)\/overview$/, (m) => (m[1] === fixtures.projects[2]?.id ? { targets: [], target_count: 0, needs: [] } : fixtures.overview)],
  [/^\/projects\/(\w+)\/audits$/, (m, query) => mine(m[1], audits.filter((audit) => uses(audit, query)).map(fixtures.summary))],
  [/^\/projects\/(\w+)\/releases$/, (m) => mine(m[1], [...fixtures.releases, fixtures.twinRelease])],
  [/^\/releases\/(\w+)$/, (m) => [...fixtures.releases, fixtures.twinRelease].find(({ id }) => id === m[1])],
  [/^\/projects\/(\w+)\/targets$/, (m) => mine(m[1], [fixtures.listedTarget])],
  [/^\/targets\/(\w+)$/, () => fixtures.target],
  [/^\/targets\/(\w+)\/releases$/, () => page([...fixtures.releases, fixtures.twinRelease])],
  [/^\/projects\/(\w+)\/datasets$/, (m) => mine(m[1], [...fixtures.datasets, fixtures.gallery])],
  [/^\/datasets\/(\w+)$/, (m) => fixtures.datasetInFull(m[1])],
  [/^\/projects\/(\w+)\/priors$/, (m) => mine(m[1], fixtures.priors)],
  [/^\/priors\/(\w+)$/, (m) => fixtures.priors.find(({ id }) => id === m[1])],
  [/^\/projects\/(\w+)\/verifiers$/, (m) => mine(m[1], fixtures.verifiers)],
  [/^\/bundled-verifiers$/, () => page(fixtures.bundled)],
  [/^\/projects\/(\w+)\/keys$/, (m) => mine(m[1], fixtures.keys)],
  [/^\/projects\/(\w+)\/audit-log$/, (m) => mine(m[1], fixtures.logEntries)],
  [/^\/projects\/(\w+)\/audit-log\/verification$/, () => ({ intact: true, entries: fixtures.logEntries.length, first_broken: null, checked_at: fixtures.ago(0) })],
  [/^\/audits\/(\w+)$/, (m) => audits.find((audit) => audit.id === m[1])],
  [/^\/audits\/(\w+)\/jobs$/, (m) => page(jobsOf(m[1]))],
  [/^\/audits\/(\w+)\/curves$/, (m) => page(m[1] === fixtures.queued.id ? [] : fixtures.curves)],
  [/^\/audits\/(\w+)\/queue$/, () => fixtures.queuePlace],
  [/^\/projects\/(\w+)\/uploads$/, () => page([])],
  [/^\/audits\/(\w+)\/prior-samples$/, () => fixtures.priorSamples],
  [/^\/audits\/(\w+)\/result$/, (m) => resultOf(m[1])],
  [/^\/audits\/(\w+)\/comparison\/(\w+)$/, (m) => (m[2] === fixtures.audits[2]?.id ? fixtures.notComparable : fixtures.comparison)],
  [/^\/audits\/(\w+)\/identities\/(\d+)$/, (m) => fixtures.identityInFull(Number(m[2]) / 3)],
  [/^\/audits\/(\w+)\/regression$/, () => fixtures.result.regression],
  [/^\/audits\/(\w+)\/drift$/, () => fixtures.drift],
  [/^\/audits\/(\w+)\/identities$/, (m) => page(m[1] === fixtures.early.id ? [] : fixtures.identities)],
  [/^\/audits\/(\w+)\/blind-line-ups$/, () => page(fixtures.blindLineUps)],
  [/^\/blind-line-ups\/(\w+)$/, (m) => fixtures.blindLineUps.find(({ id }) => id === m[1])],
  [/^\/blind-line-ups\/(\w+)\/results$/, () => fixtures.blindLineUpResult],
  [/^\/projects\/(\w+)\/schedules$/, (m) => mine(m[1], fixtures.schedules)],
  [/^\/schedules\/(\w+)\/preview$/, () => fixtures.preview],
  [/^\/schedules\/(\w+)\/runs$/, () => page(fixtures.runs)],
  [/^\/projects\/(\w+)\/webhooks$/, (m) => mine(m[1], fixtures.webhooks)],
  [/^\/webhooks\/(\w+)\/deliveries$/, () => page(fixtures.deliveries)],
  [/^\/projects\/(\w+)\/policies$/, (m) => mine(m[1], fixtures.policies)],
  [/^\/policies\/(\w+)$/, (m) => fixtures.policies.find(({ id }) => id === m[1])],
  [/^\/policies\/(\w+)\/versions$/, () => page([fixtures.policies[0]?.newest])],
  [/^\/targets\/(\w+)\/policy$/, () => ({ policy_id: fixtures.policies[0]?.id, inherited: false })],
  [/^\/targets\/(\w+)\/waivers$/, () => page(fixtures.waivers)],
  [/^\/targets\/(\w+)\/decisions$/, () => page(fixtures.decisions)],
  [/^\/audits\/(\w+)\/decision$/, () => fixtures.decisions[0]],
  [/^\/projects\/(\w+)\/sources$/, (m, query) => mine(m[1], fixtures.sources.filter(({ target_id }) => !query.has("target_id") || target_id === query.get("target_id")))],
  [/^\/sources\/(\w+)\/changes$/, () => page(fixtures.changes)],
  [/^\/\w+\/(\w+)\/deletion$/, (m) => ({ ...fixtures.deletionPreview, subject: m[1] })],
  [/^\/projects\/(\w+)\/receipts$/, (m) => mine(m[1], fixtures.receipts)],
  [/^\/projects\/(\w+)\/holds$/, (m) => mine(m[1], fixtures.holds)],
  [/^\/session\/ways$/, () => ({ single_sign_on: "Acme ID" })],
  [/^\/projects\/(\w+)\/limits$/, () => fixtures.projectLimits],
  [/^\/me$/, () => fixtures.me],
  [/^\/me\/keys$/, () => page(fixtures.keys)],
  [/^\/sessions$/, () => page([fixtures.openSession(1), fixtures.openSession(2, { method: "link" })])],
  [/^\/organisations$/, () => page([fixtures.organisation])],
  [/^\/organisations\/(\w+)\/members$/, () => page(fixtures.members)],
  [/^\/organisations\/(\w+)\/invitations$/, () => page(fixtures.invitations)],
  [/^\/system$/, () => fixtures.system],
];

/** Return the pixels of a grey image like a glyph. Blurred ones are soft. */
function glyph(seed: number, sharp: boolean): (x: number, y: number) => number {
  const points = Array.from({ length: 5 }, (_, i) => [6 + ((seed * 7 + i * 11) % 20), 6 + ((seed * 13 + i * 5) % 20)] as const);
  return (x, y) => {
    let nearest = 99;
    for (let i = 0; i + 1 < points.length; i += 1) {
      const [[ax, ay], [bx, by]] = [points[i] ?? [0, 0], points[i + 1] ?? [0, 0]];
      const t = Math.max(0, Math.min(1, ((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / ((bx - ax) ** 2 + (by - ay) ** 2 || 1)));
      nearest = Math.min(nearest, Math.hypot(x - ax - t * (bx - ax), y - ay - t * (by - ay)));
    }
    return sharp ? (nearest < 1.4 ? 20 : 245) : Math.min(245, 120 + nearest * 14);
  };
}

/** Return the pixels of a cover, which says nothing about the picture. */
const cover = (x: number, y: number): number => (Math.floor((x + y) / 4) % 2 === 0 ? 216 : 200);

/** Return the pixels of a sheet of sixteen samples. */
function sheet(x: number, y: number): number {
  const [column, row] = [Math.floor(x / 32), Math.floor(y / 32)];
  return glyph(4 * row + column, true)(x % 32, y % 32);
}

/** Return a sheet of samples: of a prior, or of a data set, which is covered. */
function sampled(path: string, url: URL): Buffer {
  if (path.startsWith("/datasets/") && !url.searchParams.has("original")) return png(32, cover);
  return png(128, sheet);
}

function png(size: number, at: (x: number, y: number) => number): Buffer {
  const pixels = Buffer.alloc((size + 1) * size);
  for (let y = 0; y < size; y += 1) for (let x = 0; x < size; x += 1) pixels[y * (size + 1) + 1 + x] = at(x, y);
  const chunk = (type: string, data: Buffer) => {
    const body = Buffer.concat([Buffer.from(type), data]);
    const out = Buffer.alloc(8 + body.length);
    out.writeUInt32BE(data.length, 0);
    body.copy(out, 4);
    out.writeUInt32BE(crc32(body), 4 + body.length);
    return out;
  };
  const head = Buffer.from([0, 0, 0, size, 0, 0, 0, size, 8, 0, 0, 0, 0]);
  return Buffer.concat([Buffer.from("89504e470d0a1a0a", "hex"), chunk("IHDR", head), chunk("IDAT", deflateSync(pixels)), chunk("IEND", Buffer.alloc(0))]);
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "Content-Type": status < 400 ? "application/json" : "application/problem+json" });
  response.end(JSON.stringify(body));
}

const REVIEWED = { answered: 0, items: 12 };

/** Answer a reviewer with pictures of glyphs. The review ends after twelve items and begins again. */
function review(path: string, response: ServerResponse): void {
  if (path.endsWith("/answers")) REVIEWED.answered += 1;
  const finished = REVIEWED.answered >= REVIEWED.items;
  const shown = (seed: number, sharp: boolean) => `data:image/png;base64,${png(32, glyph(seed, sharp)).toString("base64")}`;
  const number = REVIEWED.answered + 1;
  const item = finished ? null : { number, picture: shown(number, false), candidates: [1, 2, 3, 4, 5, 6].map((place) => shown(number + 3 * place, true)) };
  send(response, 200, path.endsWith("/next") ? { ...REVIEWED, finished, item } : { ...REVIEWED, finished });
  if (finished) REVIEWED.answered = 0;
}

function handle(request: IncomingMessage, response: ServerResponse): void {
  const url = new URL(request.url ?? "/", "http://localhost");
  const path = url.pathname.replace(/^\/api\/v1/, "");
  if (path.endsWith("/image")) {
    response.writeHead(200, { "Content-Type": "image/png" });
    const digits = /(\d+)\/image$/.exec(path)?.[1] ?? "0";
    const seed = path.startsWith("/reconstructions") ? parseInt(digits.slice(-6), 16) : Number(digits) / 20;
    response.end(path.endsWith("/samples/image") || path.endsWith("/prior-samples/image") ? sampled(path, url) : png(32, url.searchParams.has("original") ? glyph(seed, true) : cover));
    return;
  }
  if (path.endsWith("/events")) {
    response.writeHead(200, { "Content-Type": "text/event-stream" });
    response.write(": open\n\n");
    return;
  }
  if (request.method === "POST" && path.endsWith("/estimate")) {
    const queue = { ahead: 3, elsewhere: 1, starts_in_seconds: 1800, workers: 2 };
    send(response, 200, { ...fixtures.audits[0]?.estimate, queue });
    return;
  }
  if (request.method === "POST" && path === "/checkpoints/preflight") {
    send(response, 200, fixtures.preflight);
    return;
  }
  if (request.method === "POST" && path.endsWith("/policies/test")) {
    send(response, 200, fixtures.policyTest);
    return;
  }
  if (request.method === "POST" && path.startsWith("/blind-line-ups/")) {
    review(path, response);
    return;
  }
  if (request.method === "POST" && path.endsWith("/identities/preview")) {
    send(response, 200, fixtures.identityPreview);
    return;
  }
  if (request.method === "POST" && path.endsWith("/identities/erase")) {
    send(response, 200, fixtures.receipt(3, { kind: "identity", subject: "erased-1f0a52c4b97d" }));
    return;
  }
  if (request.method === "POST" && path.endsWith("/identities/export")) {
    response.writeHead(200, { "Content-Type": "application/zip" });
    response.end(Buffer.from("UEsFBgAAAAAAAAAAAAAAAAAAAAAAAA==", "base64")); // an empty archive
    return;
  }
  if (request.method === "POST" && path === "/schedule-previews") {
    send(response, 200, fixtures.preview);
    return;
  }
  for (const [pattern, handler] of GET) {
    const match = pattern.exec(path);
    const body = match && request.method === "GET" ? handler(match, url.searchParams) : undefined;
    if (body !== undefined) {
      send(response, 200, found(body, url.searchParams.get("q")));
      return;
    }
  }
  send(response, 404, { title: "Not found", status: 404, code: "not_found", detail: `Nothing is at ${path}.`, errors: [] });
}

export function mockApi(): Plugin {
  const answer: Connect.NextHandleFunction = (request, response, next) => {
    if (request.url?.startsWith("/api/")) handle(request, response);
    else next();
  };
  return {
    name: "mock-api",
    configureServer: (server) => void server.middlewares.use(answer),
    configurePreviewServer: (server) => void server.middlewares.use(answer),
  };
}
