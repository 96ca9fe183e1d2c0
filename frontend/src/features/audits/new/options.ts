// Names and descriptions of the options of an audit.
import type { Attack, Effort, PriorChoice, ReleasePlan, Setting } from "@/api/model";
import { PRIOR_WORDS, SETTING_WORDS } from "@/features/audits/settings";

export const ATTACK_WORDS: Record<Attack, { name: string; does: string }> = {
  decoder: {
    name: "Decoder",
    does: "Starts from what the public images teach about the features, and submits what several searches agree on.",
  },
  "warm-start": { name: "Warm start", does: "Starts from the same, and submits what one search finds." },
  "warm-start-views": { name: "Warm start with views", does: "The same, with a random view of the image in every step." },
  "closed-form": { name: "Closed form", does: "Submits what the public images teach about the features, without a search." },
  gmi: { name: "GMI", does: "Searches the prior for one image per restart." },
  kedmi: { name: "KEDMI", does: "Searches a distribution, in a prior trained on the answers of this release." },
  vmi: { name: "VMI", does: "Searches a distribution with all its covariances, kept near the prior." },
  "plg-mi": { name: "PLG-MI", does: "Searches the prior by the margin over other identities, under random views." },
  ppa: { name: "PPA", does: "Searches the prior from robust starts, and submits what stays sure under 100 crops." },
  miface: { name: "MIFace", does: "Optimises pixels without a prior. A smoke test and a lower bound." },
};

/** The service chooses by the size of the images. */
export const FITTING = "fitting";
export type Fitting = typeof FITTING;

/** Return the choice for the service and the command line. Null leaves it to them. */
export function chosen<T extends string>(choice: T | Fitting): Exclude<T, Fitting> | null {
  return choice === FITTING ? null : (choice as Exclude<T, Fitting>);
}

export const FITTING_WORDS = {
  attack: { name: "Automatic", does: "Chosen by effort and image size: GMI up to 32 × 32 pixels, Decoder and both warm starts above. Deep adds Decoder or GMI." },
  setting: { name: "Automatic", does: "Chosen by image size: LOMMA up to 32 × 32 pixels, +LOM above." },
  prior: { name: "Automatic", does: "Chosen by image size: trained up to 32 × 32 pixels, PCA above." },
};

export const EFFORT_WORDS: Record<Effort, { name: string; does: string }> = {
  quick: { name: "Quick", does: "For a pull request. Can find a leak, but rarely rules one out." },
  standard: { name: "Standard", does: "For every release candidate." },
  deep: { name: "Deep", does: "For a release. A further attack, and more restarts and steps." },
};

export const RELEASE_PLAN_WORDS: Record<ReleasePlan | "undeclared", { name: string; does: string }> = {
  undeclared: { name: "Undeclared", does: "Not stated. Treated like shared weights." },
  "weights-public": { name: "Public", does: "Anyone can get the weights." },
  "weights-shared": { name: "Shared", does: "Partners or devices have the weights." },
  hosted: { name: "Hosted", does: "The weights stay with us. An attacker needs inside access or a break-in." },
};

export const PRIORS = Object.keys(PRIOR_WORDS) as PriorChoice[];
export const RELEASE_PLANS = Object.keys(RELEASE_PLAN_WORDS) as (ReleasePlan | "undeclared")[];
export const ATTACKS = Object.keys(ATTACK_WORDS) as Attack[];
export const SETTINGS = Object.keys(SETTING_WORDS) as Setting[];
export const EFFORTS = Object.keys(EFFORT_WORDS) as Effort[];
