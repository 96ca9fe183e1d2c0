// Explanations of technical terms.
export const TERMS = {
  risk: "R is the share of identities exposed beyond what the strongest control reaches. 0 % is none, 100 % is all.",
  interval: "A range computed so that about 95 of 100 repeated audits would contain the true value. It comes from a bootstrap over identities.",
  budget: "The largest risk that you accept. PASS requires an upper bound below it, FAIL a lower bound above it.",
  verified: "Every verifier ranks the right identity first and above the threshold.",
  verifier: "A model independent of the target that recognises identities it was not trained on.",
  deciding: "The verifier whose similarity is furthest below its threshold, or least above it. It decides, because all verifiers must accept.",
  twin: "A model trained in the same way, with images of other people in place of some of the private ones. What it reconstructs of these is not a leak.",
  power: "R of the same plan on a reference model. If it is below the share that a PASS requires, the attack is too weak, and a low risk proves nothing.",
  named: "Verified, and more similar to the identity than chance allows.",
  strength: "The number of standard deviations by which the reconstruction is more similar to its identity than images made for others. The lowest value of all verifiers counts.",
  severity: "The access that the attack needs, weighted with R. Labels are critical, scores are high, weights depend on the release plan.",
  control: "An image to compare with: a sample of the prior, a public image, a reconstruction made for someone else, or a reconstruction of the twin. R is the share beyond the strongest control.",
  uncalibrated:
    "Attack accuracy by a classifier of the same task, as in the literature. Reconstructions can fool such classifiers, so PASS is not possible with it alone.",
  identity: "A class of the release, such as one person. It is the unit of every statistic.",
  frozen: "All reconstructions are stored under a digest before they are compared with private images.",
  similarity: "Cosine similarity to the nearest private image of the identity, under the deciding verifier.",
  threshold: "The similarity that at most 1 in 100 wrong identities reach, measured on reconstructions.",
  sensitivity: "How often all verifiers accept a real image of the right identity. The risk is corrected for those that they miss.",
  kernelDistance:
    "The distance of prior samples to the public images, in the features of a fixed random network. Only values of the same training can be compared.",
  evidence:
    "verified: private images and at least two verifiers. evaluator: one classifier, PASS is not possible. unreferenced: no private images, always INCONCLUSIVE.",
} as const;

export type TermName = keyof typeof TERMS;
