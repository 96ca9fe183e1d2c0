// The settings and priors of an audit, in words.
import type { PriorChoice, Setting } from "@/api/model";

export const SETTING_WORDS: Record<Setting, { name: string; does: string }> = {
  baseline: { name: "Baseline", does: "Cross-entropy on the target alone: what older attacks do." },
  lom: { name: "+LOM", does: "Maximises the logit itself and stays near real features." },
  ma: { name: "+MA", does: "Attacks the target together with students, so that it does not overfit to one network." },
  lomma: { name: "LOMMA", does: "Both: the strongest of the four on small drawings. On photographs the students take long and find nobody more." },
};

export const PRIOR_WORDS: Record<PriorChoice, { name: string; does: string }> = {
  trained: { name: "Trained", does: "A generator, on the public images of this audit: the stronger attacker on drawings, hours on photographs." },
  pca: { name: "PCA", does: "Principal components of the public images: a minute in place of hours, and the stronger attacker on faces." },
  "built-in": { name: "Built-in", does: "The one that comes with the service, for colour images of 64x64: faces, at once, and knowing less of yours." },
};
