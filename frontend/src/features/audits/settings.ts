// Names and descriptions of the settings and priors of an audit.
import type { Plan, PriorChoice, Setting } from "@/api/model";

export const SETTING_WORDS: Record<Setting, { name: string; does: string }> = {
  baseline: { name: "Baseline", does: "Cross-entropy on the target alone, as in older attacks." },
  lom: { name: "+LOM", does: "Maximises the logit and stays near the features of real images." },
  ma: { name: "+MA", does: "Attacks the target together with students. This avoids overfitting to one network." },
  lomma: { name: "LOMMA", does: "+LOM and +MA together. The strongest of the four on small drawings. On photographs the students take long and do not raise the risk." },
};

/** Names that are not simply upper-case. */
const ATTACKS: Record<string, string> = {
  decoder: "Decoder",
  "warm-start": "Warm start",
  "warm-start-views": "Warm start with views",
  "closed-form": "Closed form",
  miface: "MIFace",
};

export const PRIOR_WORDS: Record<PriorChoice, { name: string; does: string }> = {
  trained: { name: "Trained", does: "A generator trained on the public images of this audit. The strongest on drawings. Takes hours on photographs." },
  pca: { name: "PCA", does: "Principal components of the public images. Takes a minute and is the strongest on faces." },
  "built-in": { name: "Built-in", does: "A generator shipped with the service, for colour images of faces of 64 × 64 pixels. Needs no training, but fits your images less well." },
};

/** Return the words for attacks that older results name by their ids, such as "gmi lom and kedmi lom". Labels stay. */
export function attackWords(text: string): string {
  return text.split(" and ").map(wordsOfOne).join("; ");
}

function wordsOfOne(text: string): string {
  const [name, setting, ...rest] = text.split(" ");
  const words = Object.entries(SETTING_WORDS).find(([id]) => id === setting)?.[1];
  if (name === undefined || words === undefined || rest.length > 0) return text;
  return `${ATTACKS[name] ?? name.toUpperCase()}, ${words.name}`;
}

/** Return the settings of the attacks of a plan, each once. */
export function settingsOf({ attacks }: Pick<Plan, "attacks">): string {
  return [...new Set(attacks.map(({ setting }) => SETTING_WORDS[setting].name))].join(", ");
}
