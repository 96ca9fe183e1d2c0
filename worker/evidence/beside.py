"""Figures beside the risk: distances, image quality and memorisation.

They are measured while the references are open.
"""

import numpy as np

from worker.evaluation.evaluator import Evaluator
from worker.evaluation.metrics import (
    feature_distance,
    frechet_estimate,
    kernel_distance,
    knn_distance,
    member_gap,
    prdc_estimates,
)
from worker.evaluation.metrics.frechet_distance import FEWEST
from worker.evaluation.panel import Panel
from worker.evaluation.statistics import Estimate
from worker.evidence.private_set import PrivateSet

NEIGHBOURS = 5
MOST_REFERENCES = 3000  # more add time, not precision


def figures_beside(
    images: np.ndarray,
    identities: np.ndarray,
    private: PrivateSet,
    panel: Panel,
    evaluator: Evaluator | None,
    *,
    seed: int,
) -> dict[str, Estimate]:
    """Return figures over all submissions (N, H, W[, C]), not only the successful ones."""
    out: dict[str, Estimate] = {}
    train = private.train
    if evaluator is not None:
        features, references = embed(evaluator, images), embed(evaluator, train.images)
        out["knn_distance_evaluator"] = knn_distance(features, identities, references, train.labels, seed=seed)
        out["feature_distance_evaluator"] = feature_distance(features, identities, references, train.labels, seed=seed)
    submitted = [v.embed(images) for v in panel.verifiers]
    for v, features, references in zip(panel.verifiers, submitted, panel.references, strict=True):
        out[f"knn_distance_{v.name}"] = knn_distance(features, identities, references, train.labels, seed=seed)
        out[f"feature_distance_{v.name}"] = feature_distance(features, identities, references, train.labels, seed=seed)
    if panel.verifiers:
        audited = np.flatnonzero(np.isin(train.labels, identities))
        audited = np.random.default_rng(seed).permutation(audited)[:MOST_REFERENCES]
        real, labels = panel.references[0][audited], train.labels[audited]
        out |= quality(submitted[0], identities, real, labels, seed=seed)
        held_out = [v.embed(private.held_out.images) for v in panel.verifiers] if len(private.held_out.images) else []
        gap = member_gap(
            submitted, identities, (panel.references, train.labels), (held_out, private.held_out.labels), seed=seed
        ) if held_out else None  # fmt: skip
        if gap is not None:
            out["member_gap"] = gap
    return out


def quality(
    fake: np.ndarray, identities: np.ndarray, real: np.ndarray, labels: np.ndarray, *, seed: int
) -> dict[str, Estimate]:
    """Return the distance of the distributions, precision, recall, density and coverage.

    Figures for which there are too few images are left out.
    """
    out: dict[str, Estimate] = {}
    if min(len(fake), len(real)) >= FEWEST:
        out["frechet_distance"] = frechet_estimate(fake, real, seed=seed)
    elif min(len(fake), len(real)) >= 4:
        out["kernel_distance"] = kernel_distance(fake, real, seed=seed)
    if min(len(fake), len(real)) > NEIGHBOURS:
        out |= prdc_estimates(real, labels, fake, identities, k=NEIGHBOURS, seed=seed)
    return out


def embed(evaluator: Evaluator, images: np.ndarray) -> np.ndarray:
    """Return penultimate features (N, d) of the evaluator, in which papers measure distances."""
    features: np.ndarray = evaluator.answers(images).features.numpy()
    return features
