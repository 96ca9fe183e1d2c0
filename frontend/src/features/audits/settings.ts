// The four attack settings and the three efforts, in words.
import type { Attack, Effort, Setting } from "@/api/model";

export const ATTACK_WORDS: Record<Attack, { name: string; does: string }> = {
  gmi: { name: "GMI", does: "Searches the prior for one image per restart." },
  kedmi: { name: "KEDMI", does: "Searches a distribution, in a prior that has learned this model's answers: trained for it." },
  vmi: { name: "VMI", does: "Searches a distribution with all its covariances, held near the prior." },
  miface: { name: "MIFace", does: "Pixels alone, without a prior: a smoke test and a lower bound." },
};

export const SETTING_WORDS: Record<Setting, { name: string; does: string }> = {
  baseline: { name: "Baseline", does: "Cross-entropy on the target alone: what older attacks do." },
  lom: { name: "+LOM", does: "Maximises the logit itself and stays near real features." },
  ma: { name: "+MA", does: "Attacks the target together with students, so that it does not overfit to one network." },
  lomma: { name: "LOMMA", does: "Both: the strongest of the four, and what to release on." },
};

export const EFFORT_WORDS: Record<Effort, { name: string; does: string }> = {
  quick: { name: "Quick", does: "For a pull request. Can find a leak, rarely rules one out." },
  standard: { name: "Standard", does: "For every release candidate." },
  deep: { name: "Deep", does: "For a release: more restarts and steps." },
};

export const ATTACKS = Object.keys(ATTACK_WORDS) as Attack[];
export const SETTINGS = Object.keys(SETTING_WORDS) as Setting[];
export const EFFORTS = Object.keys(EFFORT_WORDS) as Effort[];
