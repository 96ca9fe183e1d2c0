// The description of a checkpoint, as `exhume release upload` accepts it.
import type { ClassKind, Convention, ReleaseCreate } from "@/api/model";
import { isClassKind, KINDS } from "@/features/models/classKinds";

export type Description = Pick<ReleaseCreate, "architecture" | "hyperparameters" | "convention" | "classes"> & { classes_are?: ClassKind };
type HyperParameters = Description["hyperparameters"];

export const EXAMPLE: Description = {
  architecture: "auto",
  hyperparameters: {},
  convention: { height: 112, width: 112, channels: 3, channel_order: "RGB", mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] },
  classes: ["identity-000", "identity-001"],
};

type Parsed = { ok: true; description: Description } | { ok: false; problem: string };

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const isNumbers = (value: unknown): value is number[] => Array.isArray(value) && value.every((one) => typeof one === "number");

/** Parse a description, or say which part is missing or of the wrong type. */
export function parseDescription(text: string): Parsed {
  const no = (problem: string): Parsed => ({ ok: false, problem });
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (error) {
    return no(`This is not valid JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (!isObject(document)) return no("The description must be a JSON object.");
  const { architecture = "auto", hyperparameters = {}, convention, classes, classes_are } = document;
  if (typeof architecture !== "string" || architecture === "") return no("“architecture” must be a name such as timm/resnet18, or auto.");
  if (!isObject(hyperparameters)) return no("“hyperparameters” must be an object, {} if there are none.");
  if (!isObject(convention)) return no("“convention” is missing. It says how the model expects its images.");
  const { height, width, channels, channel_order, mean, std } = convention;
  if (typeof height !== "number" || typeof width !== "number") return no("“convention” needs height and width in pixels.");
  if (channels !== 1 && channels !== 3) return no("“convention” needs channels: 1 for grey images, 3 for colour images.");
  if (channel_order !== undefined && channel_order !== "RGB" && channel_order !== "BGR") {
    return no("“channel_order” must be RGB or BGR.");
  }
  const fits = (value: unknown): value is number[] | undefined =>
    value === undefined || (isNumbers(value) && (value.length === 1 || value.length === channels));
  if (!fits(mean) || !fits(std)) return no(`“mean” and “std” must be lists of one number, or of one number per channel (${channels}).`);
  if (!Array.isArray(classes) || classes.length < 2 || !classes.every((name) => typeof name === "string")) {
    return no("“classes” must list the names of at least two identities, in the order of the outputs.");
  }
  if (classes_are !== undefined && !isClassKind(classes_are)) return no(`“classes_are” must be one of ${KINDS.join(", ")}.`);
  const input: Convention = { height, width, channels, channel_order: channel_order ?? "RGB", mean, std };
  return {
    ok: true,
    description: {
      architecture,
      hyperparameters: hyperparameters as HyperParameters, // the service checks each value
      convention: input,
      classes,
      classes_are,
    },
  };
}
