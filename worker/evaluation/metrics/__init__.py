"""Metrics shown beside the risk, one per file.

Features are (N, d) arrays from a verifier or the evaluator.

LPIPS is not included: no installed package contains its backbone's weights, and an audit does not
download anything.
"""

from worker.evaluation.metrics.attack_accuracy import attack_accuracy
from worker.evaluation.metrics.feature_distance import feature_distance
from worker.evaluation.metrics.frechet_distance import frechet_distance, frechet_estimate
from worker.evaluation.metrics.identity_bits import identity_bits
from worker.evaluation.metrics.kernel_distance import kernel_distance
from worker.evaluation.metrics.knn_distance import knn_distance
from worker.evaluation.metrics.member_gap import member_gap
from worker.evaluation.metrics.overfitting_gap import overfitting_gap
from worker.evaluation.metrics.prdc import PRDC, prdc, prdc_estimates

__all__ = [
    "PRDC",
    "attack_accuracy",
    "feature_distance",
    "frechet_distance",
    "frechet_estimate",
    "identity_bits",
    "kernel_distance",
    "knn_distance",
    "member_gap",
    "overfitting_gap",
    "prdc",
    "prdc_estimates",
]
