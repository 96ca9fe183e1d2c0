// What an audit can be asked for, in words.
import type { Attack, Effort, PriorChoice, ReleasePlan, Setting } from "@/api/model";
import { PRIOR_WORDS, SETTING_WORDS } from "@/features/audits/settings";

export const ATTACK_WORDS: Record<Attack, { name: string; does: string }> = {
  gmi: { name: "GMI", does: "Searches the prior for one image per restart." },
  kedmi: { name: "KEDMI", does: "Searches a distribution, in a prior that has learned this model's answers: trained for it." },
  vmi: { name: "VMI", does: "Searches a distribution with all its covariances, held near the prior." },
  miface: { name: "MIFace", does: "Pixels alone, without a prior: a smoke test and a lower bound." },
};

/** The choice that is left to the service: what found most on images of this size. */
export const FITTING = "fitting";
export type Fitting = typeof FITTING;

/** As the service and the command line have it: null where the choice is left to them. */
export function chosen<T extends string>(choice: T | Fitting): Exclude<T, Fitting> | null {
  return choice === FITTING ? null : (choice as Exclude<T, Fitting>);
}

export const FITTING_WORDS = {
  setting: { name: "Fitting", does: "What found most on images of this size: LOMMA up to 32 × 32 pixels, +LOM above." },
  prior: { name: "Fitting", does: "What found most on images of this size: trained up to 32 × 32 pixels, PCA above." },
};

export const EFFORT_WORDS: Record<Effort, { name: string; does: string }> = {
  quick: { name: "Quick", does: "For a pull request. Can find a leak, rarely rules one out." },
  standard: { name: "Standard", does: "For every release candidate." },
  deep: { name: "Deep", does: "For a release: more restarts and steps." },
};

export const RELEASE_PLAN_WORDS: Record<ReleasePlan | "undeclared", { name: string; does: string }> = {
  undeclared: { name: "Undeclared", does: "Nobody has said; weighed like shared weights." },
  "weights-public": { name: "Public", does: "Whoever wants them has the weights." },
  "weights-shared": { name: "Shared", does: "Partners or devices have the weights." },
  hosted: { name: "Hosted", does: "The weights stay with us: an insider or a break-in is needed." },
};

export const PRIORS = Object.keys(PRIOR_WORDS) as PriorChoice[];
export const RELEASE_PLANS = Object.keys(RELEASE_PLAN_WORDS) as (ReleasePlan | "undeclared")[];
export const ATTACKS = Object.keys(ATTACK_WORDS) as Attack[];
export const SETTINGS = Object.keys(SETTING_WORDS) as Setting[];
export const EFFORTS = Object.keys(EFFORT_WORDS) as Effort[];
