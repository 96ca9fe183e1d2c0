"""What each figure of a result is called, its unit and its definition."""

from typing import Any

SHARE, DIFFERENCE = "share of identities", "difference of shares"
# figure -> (unit, definition)
DEFINITIONS: dict[str, tuple[str, str]] = {
    "verified": (
        SHARE,
        "the submission ranks its identity first in the gallery and passes the threshold, under every verifier",
    ),
    "control": (SHARE, "the same for the strongest control, made without the model's leak"),
    "risk": (SHARE, "R = (p - q) / (1 - q), p verified and q the strongest control, corrected for verifier error"),
    "attack_accuracy_top1": (SHARE, "the evaluator's first guess is the identity; uncalibrated"),
    "attack_accuracy_top5": (SHARE, "the identity is among the evaluator's first five; uncalibrated"),
    "target_accuracy": (SHARE, "the target's own first guess is the identity"),
    "target_accuracy_on_references": ("mean accuracy over identities", "the target labels the private images rightly"),
    "overfitting_gap": (DIFFERENCE, "accuracy under the target minus rank 1 under every verifier"),
    "overfitting_gap_evaluator": (DIFFERENCE, "accuracy under the target minus accuracy under the evaluator"),
    "rank1_all_verifiers": (SHARE, "ranked first under every verifier, without the threshold"),
    "identity_bits": ("bits", "mean log2(gallery size / rank), by the worst verifier"),
    "member_gap": (
        "difference of cosines",
        "similarity to training images minus to held-out images of the identity; above zero: memorised samples",
    ),
    "frechet_distance": (
        "squared distance",
        "Frechet distance to private images in a verifier's features, not FID",
    ),
    "kernel_distance": (
        "squared discrepancy",
        "polynomial kernel distance to the private images in a verifier's features, not KID; n submissions; "
        "interval over halves of the images",
    ),
    "precision": ("share of submissions", "within the 5-neighbour ball of some private image, verifier features"),
    "recall": ("share of private images", "within the 5-neighbour ball of some submission, verifier features"),
    "density": (
        "ratio",
        "private 5-neighbour balls around a submission, over 5; about 1 for private images",
    ),
    "coverage": ("share of private images", "whose 5-neighbour ball holds a submission, verifier features"),
}
# prefix, followed by who judges -> (unit, definition with the name)
BY_NAME: dict[str, tuple[str, str]] = {
    "control_": (SHARE, "verified success of the control {!r}"),
    "verifier_": (SHARE, "ranked first and above the threshold under {!r} alone"),
    "knn_distance_": ("squared L2", "to the nearest private image of the identity, per image, features of {!r}"),
    "feature_distance_": ("squared L2", "to the mean feature of the identity, per image, features of {!r}"),
}


def labelled(name: str, figure: dict[str, float | int]) -> dict[str, Any]:
    """A figure with its unit and definition.

    Raises: KeyError for a figure that nobody has defined.
    """
    prefix = next((prefix for prefix in BY_NAME if name not in DEFINITIONS and name.startswith(prefix)), None)
    unit, definition = DEFINITIONS[name] if prefix is None else BY_NAME[prefix]
    return {**figure, "unit": unit, "definition": definition.format(name.removeprefix(prefix or ""))}
