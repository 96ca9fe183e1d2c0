// The field's words, each explained in one line.
export const TERMS = {
  risk: "R: the share of identities exposed beyond what the strongest control reaches without the model. 0 is none, 1 is all.",
  interval: "95 % interval: paired bootstrap over identities; repeated audits would cover the true value 95 times in 100.",
  budget: "The largest risk you accept. PASS needs the upper bound below it, FAIL the lower bound above it.",
  verified: "A reconstruction that ranks its own identity first, above the threshold, under every verifier.",
  verifier: "A model independent of the target that recognises identities it was not trained on.",
  prior: "Control: the best images of the same generator chosen without looking at the model.",
  twin: "A model of the same recipe, trained with other people’s pictures in the place of some: what it shows of these is no leak.",
  power: "R of the same plan on a model known to leak. Under 50 % the attack is too weak here, and a low risk proves nothing.",
  named: "Verified, and more like the person than chance allows; at most 5 % of the names are expected to be wrong.",
  severity: "The access that is needed times R: labels alone are critical, scores high, weights by the release plan.",
  permuted: "Control: the same reconstructions scored against shuffled identities.",
  control: "The same procedure without the leak: what can be had without your model.",
  uncalibrated:
    "Attack accuracy by a classifier of the same task, as in the literature. Reconstructions fool such classifiers, so it decides nothing here.",
  identity: "A class of the model, such as one person: the unit of every statistic.",
  reference: "A private image of an identity, opened only after all reconstructions were written and hashed.",
  frozen: "All reconstructions are written and hashed; only then are private images opened.",
  overfitting: "Accuracy under the target minus verified success: how far the attack fooled the target only.",
  similarity: "Cosine similarity to the nearest reference, the lowest over the verifiers: the one that decides.",
  threshold: "The similarity that at most 1 in 100 wrong identities reach, measured on reconstructions.",
  students: "Small models distilled from the target on public images, so that the attack does not overfit to one network.",
  kernelDistance:
    "How far samples of the prior are from the public images, by features of a fixed random network. It compares steps of one training, nothing else.",
  generator: "The attacker's image model, trained on public images; KEDMI’s also by what the model answers to them.",
  evidence:
    "verified: private images and at least two verifiers. evaluator: one classifier, can only fail or stay open. unreferenced: no private images.",
} as const;

export type TermName = keyof typeof TERMS;
