// The preflight of a checkpoint: its first and last bytes are checked before the whole file is
// sent.
import { api, unwrap } from "@/api/client";
import type { components } from "@/api/schema";

export type Asked = Pick<
  components["schemas"]["PreflightRequest"],
  "architecture" | "hyperparameters" | "num_classes" | "channels" | "classes" | "confirm_class_order"
>;
export type Preflight = components["schemas"]["Preflight"];
type Range = [offset: number, length: number];

const ENDS = 64 * 1024;
const ROUNDS = 12;

/** Return what the intake would say about the file, from its header. */
export async function preflight(file: Blob, asked: Asked): Promise<Preflight> {
  const size = file.size;
  const ranges: Range[] = size <= 2 * ENDS ? [[0, size]] : [[0, ENDS], [size - ENDS, ENDS]];
  for (let round = 1; ; round += 1) {
    const pieces = await Promise.all(
      ranges.map(async ([offset, length]) => ({ offset, data: await base64(file.slice(offset, offset + length)) })),
    );
    const answer = await unwrap(api.POST("/api/v1/checkpoints/preflight", { body: { size_bytes: size, pieces, ...asked } }));
    if (answer.verdict !== "more" || !answer.wanted || round === ROUNDS) return answer;
    ranges.push([answer.wanted.offset, answer.wanted.length]);
  }
}

async function base64(piece: Blob): Promise<string> {
  const bytes = new Uint8Array(await piece.arrayBuffer());
  let text = "";
  for (let at = 0; at < bytes.length; at += 0x8000) {
    text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  }
  return btoa(text);
}
