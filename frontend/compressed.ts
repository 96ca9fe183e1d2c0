// Compressed copies of the built files, which the service sends to clients that accept them.
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import type { Plugin } from "vite";

const TEXT = /\.(js|css|html|svg|json)$/;

/** Write a copy by brotli and one by gzip beside every text file of at least `least` bytes. */
export function compressed(least: number): Plugin {
  return {
    name: "compressed",
    apply: "build",
    async writeBundle({ dir }) {
      if (!dir) return;
      for (const name of await readdir(dir, { recursive: true })) {
        if (!TEXT.test(name)) continue;
        const file = join(dir, name);
        const content = await readFile(file);
        if (content.length < least) continue;
        const size = { [constants.BROTLI_PARAM_SIZE_HINT]: content.length };
        await writeFile(`${file}.br`, brotliCompressSync(content, { params: size }));
        await writeFile(`${file}.gz`, gzipSync(content, { level: 9 }));
      }
    },
  };
}
