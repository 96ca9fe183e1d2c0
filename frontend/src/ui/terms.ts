// The field's words, each explained in one line.
export const TERMS = {
  risk: "R: the share of identities exposed beyond what the strongest control reaches. 0 % is none, 100 % is all.",
  interval: "A range made so that, of 100 repeated audits, about 95 would contain the true value: a bootstrap over identities.",
  budget: "The largest risk you accept. PASS needs the upper bound below it, FAIL the lower bound above it.",
  verified: "The reconstruction ranks its own identity first, above the threshold, under every verifier.",
  verifier: "A model independent of the target that recognises identities it was not trained on.",
  deciding: "The verifier whose similarity is furthest below its threshold, or least above it. All must accept, so this one decides.",
  twin: "A model of the same recipe, trained with other people’s pictures in the place of some. What it shows of these is not a leak.",
  power: "R of the same plan on a reference model. Under 50 % the attack is too weak here, and a low risk proves nothing.",
  named: "Verified, and more like the identity than chance allows.",
  strength: "Standard deviations by which the reconstruction is more like its identity than images made for others, by the most doubtful verifier.",
  severity: "The access that the attack needs, times R: labels alone are critical, scores high, weights by the release plan.",
  control: "A picture to compare with: a sample of the prior, a public image, a reconstruction made for someone else, or a twin’s. What the strongest control reaches is subtracted.",
  uncalibrated:
    "Attack accuracy by a classifier of the same task, as in the literature. Reconstructions fool such classifiers: alone, it can fail a model but never pass one.",
  identity: "A class of the model, such as one person: the unit of every statistic.",
  frozen: "All reconstructions are written and hashed. Only then are they compared with private images.",
  similarity: "Cosine similarity to the nearest private image of the identity, under the verifier that decides.",
  threshold: "The similarity that at most 1 in 100 wrong identities reach, measured on reconstructions.",
  sensitivity: "How often the verifiers together accept a real image of the right identity. The risk is corrected for what they miss.",
  kernelDistance:
    "How far samples of the prior are from the public images, by features of a fixed random network. It compares steps of one training, nothing else.",
  evidence:
    "verified: private images and at least two verifiers. evaluator: one classifier, can only fail or stay open. unreferenced: no private images.",
} as const;

export type TermName = keyof typeof TERMS;
