// A limit on the JavaScript that a browser loads before it can show the first page, as it is sent.
import { brotliCompressSync } from "node:zlib";
import type { Plugin, Rollup } from "vite";

/** Source files that the first page of a visit needs beside the entry. */
const FIRST_PAGES = {
  "sign-in": ["/src/features/session/SignInPage.tsx"],
  "list of audits": ["/src/app/Shell.tsx", "/src/features/audits/AuditsPage.tsx"],
};

/** Fail the build where a first page needs more than `limit` kB of JavaScript after brotli, which browsers accept. */
export function firstLoad(limit: number): Plugin {
  return {
    name: "first-load",
    apply: "build",
    generateBundle(_, bundle) {
      const chunks = Object.values(bundle).filter((one) => one.type === "chunk");
      const chunkOf = (source: string) =>
        chunks.find((chunk) => chunk.facadeModuleId?.endsWith(source)) ?? this.error(`${source} is not a chunk: see firstLoad.ts.`);
      for (const [page, sources] of Object.entries(FIRST_PAGES)) {
        const size = kilobytes([...chunks.filter((chunk) => chunk.isEntry), ...sources.map(chunkOf)], bundle);
        const words = `First load of the ${page}: ${size.toFixed(1)} kB of JavaScript (brotli). The limit is ${limit} kB.`;
        if (size > limit) this.error(words);
        console.log(words);
      }
    },
  };
}

/** Return the size of these chunks and their imports, each counted once. */
function kilobytes(start: readonly Rollup.OutputChunk[], bundle: Rollup.OutputBundle): number {
  const loaded = new Map<string, number>();
  const add = (chunk: Rollup.OutputChunk) => {
    if (loaded.has(chunk.fileName)) return;
    loaded.set(chunk.fileName, brotliCompressSync(chunk.code).length);
    for (const name of chunk.imports) {
      const next = bundle[name];
      if (next?.type === "chunk") add(next);
    }
  };
  start.forEach(add);
  return [...loaded.values()].reduce((sum, bytes) => sum + bytes, 0) / 1000;
}
