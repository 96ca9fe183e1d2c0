// What the checks of a checkpoint decided, in sentences: what was recognised, converted and left out.
import type { Examination, ReleaseInFull } from "@/api/model";
import { count, decimal, plural } from "@/format/numbers";

type Source = NonNullable<Examination["source"]>;
type Graph = Extract<Source, { format: "onnx" }>;
type Weights = Exclude<Source, Graph>;

export interface Decisions {
  recognised: string[];
  converted: string[];
  leftOut: string[];
  warnings: string[];
}

const FORMATS: Record<Source["format"], string> = {
  safetensors: "safetensors",
  "safetensors-shards": "safetensors in several files",
  "torch-zip": "PyTorch state_dict",
  onnx: "ONNX",
};

const NAMED = 8;

/** "a, b and 3 more". */
function listed(names: readonly string[]): string {
  const rest = names.length - NAMED;
  return names.slice(0, NAMED).join(", ") + (rest > 0 ? ` and ${count(rest)} more` : "");
}

/** Return what the checks decided. Everything is empty until a release has passed them. */
export function decisionsOf(release: Pick<ReleaseInFull, "examination" | "architecture" | "class_order_confirmed">): Decisions {
  const { examination } = release;
  const made: Decisions = { recognised: [], converted: [], leftOut: [], warnings: [] };
  if (!examination) return made;
  const { source } = examination;
  if (source) made.recognised.push(`The file is ${FORMATS[source.format]}.`);
  made.recognised.push(
    examination.detected === true
      ? `The weights fit the architecture ${release.architecture}, which the description left open.`
      : `The weights fit the architecture ${release.architecture}.`,
  );
  made.recognised.push(`${plural(examination.tensors, "tensor")} of type ${examination.dtypes.join(", ")}. Its outputs are ${examination.outputs}.`);
  if (source) (source.format === "onnx" ? ofGraph : ofWeights)(made, source as Graph & Weights);
  const order = examination.class_order;
  if (order?.agrees === true) made.recognised.push(`The order of the classes agrees with ${order.source} in the file.`);
  if (order?.agrees === false) made.warnings.push(`${order.source} in the file has another order of the classes.${order.confirmed ? " The order of the description was confirmed." : ""}`);
  if (order?.agrees === null) made.warnings.push(`The names of the classes in ${order.source} of the file could not be compared with the description.`);
  if (examination.also_fits && examination.also_fits.length > 0) {
    made.warnings.push(`The weights also fit ${listed(examination.also_fits)}, which compute other outputs. Check that the architecture is right.`);
  }
  if (examination.sandbox && examination.sandbox !== "full") made.warnings.push("The machine that opened the file could not lock its process in completely.");
  made.warnings.push(...examination.notes);
  return made;
}

function ofWeights(made: Decisions, source: Weights): void {
  const { shards, wrapper, prefix, layout, head, computed, key_map: renamed, left_out: leftOut, others } = source;
  if (shards) made.recognised.push(`It was joined from ${plural(shards.length, "file")}: ${listed(shards)}.`);
  if (wrapper && wrapper.length > 0) made.recognised.push(`The weights were found under ${wrapper.join(" → ")}.`);
  if (layout) made.converted.push(`The names of ${layout} were translated.`);
  if (prefix) made.converted.push(`The prefix “${prefix}” was removed from every name.`);
  if (head) made.converted.push(`Its last layer is named ${head}.`);
  if (computed && computed.length > 0) made.converted.push(`Pruned or normalised weights were computed: ${listed(computed)}.`);
  if (renamed && Object.keys(renamed).length > 0) made.converted.push(`${plural(Object.keys(renamed).length, "tensor was", "tensors were")} renamed.`);
  if (leftOut && leftOut.length > 0) made.leftOut.push(`Losses, metrics and counters: ${listed(leftOut)}.`);
  for (const other of others ?? []) made.warnings.push(`Other weights in the file fit too, under ${other.join(" → ")}. They are not audited.`);
}

function ofGraph(made: Decisions, source: Graph): void {
  const { producer, opset, operators, key_map: renamed, left_out: leftOut, scale, channels_last: last, first_steps: first } = source;
  made.recognised.push(`${producer || "An unnamed program"} wrote it, with opset ${String(opset)} and the operators ${listed(operators)}.`);
  if (Object.keys(renamed).length > 0) made.converted.push(`${plural(Object.keys(renamed).length, "tensor was", "tensors were")} renamed.`);
  if (last) made.converted.push("Its input has the channels last. It was turned around.");
  if (scale !== 1) made.converted.push(`The factor ${decimal(scale)} after the last layer was left out.`);
  if (leftOut && leftOut.length > 0) made.leftOut.push(`Activations after the last layer: ${listed(leftOut)}.`);
  if (first?.suggested) {
    made.warnings.push(
      `Its first layer sees values from ${decimal(first.seen[0])} to ${decimal(first.seen[1])} with the declared convention. Another mean and standard deviation suit it better.`,
    );
  }
}
