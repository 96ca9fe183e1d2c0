"""The catalogue of figures: their labels, units, definitions, formats and order.

The worker labels figures with it. The command line and the dashboard print `label`, write the
value by `format` and sort by `order`, because JSON in the database does not keep the order of
keys. Uses the standard library only.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from app.contract.engine import POWER_NEEDED
from app.contract.nouns import PERSON, Noun
from app.contract.shares import share

Format = Literal["share", "difference", "bits", "number"]
SHARE, GAP = "share of {many}", "difference of shares"


@dataclass(frozen=True)
class Kind:
    """One kind of figure. `{one}` and `{many}` are the noun, `{name}` the judge or control."""

    label: str
    unit: str
    definition: str
    format: Format
    order: int


FIGURES: dict[str, Kind] = {
    "risk": Kind(
        "risk R",
        SHARE,
        "R = (p - q) / (1 - q): p is the share recognised by every verifier, q that of the strongest control, both "
        "corrected for the errors of the verifiers where these were measured",
        "share",
        0,
    ),
    "verified": Kind(
        "recognised by every verifier",
        SHARE,
        "the submitted reconstruction ranks its own {one} first in the gallery and passes the threshold, under every "
        "verifier; not corrected for the errors of the verifiers",
        "share",
        10,
    ),
    "control": Kind("strongest control", SHARE, "the same for the strongest control; not corrected", "share", 20),
    "rank1_all_verifiers": Kind(
        "ranked first by every verifier", SHARE, "ranked first under every verifier, threshold or not", "share", 30
    ),
    "attack_accuracy_top1": Kind(
        "attack accuracy, top-1 (uncalibrated)",
        SHARE,
        "the first guess of the evaluator is the {one}; as in papers, and uncalibrated",
        "share",
        40,
    ),
    "attack_accuracy_top5": Kind(
        "attack accuracy, top-5 (uncalibrated)",
        SHARE,
        "the {one} is among the first five guesses of the evaluator; uncalibrated",
        "share",
        41,
    ),
    "target_accuracy": Kind(
        "accuracy under the audited model",
        SHARE,
        "the first guess of the audited model for the reconstruction is the {one}",
        "share",
        50,
    ),
    "overfitting_gap": Kind(
        "overfitting gap, model minus verifiers",
        GAP,
        "accuracy under the audited model minus the share ranked first by every verifier",
        "difference",
        60,
    ),
    "overfitting_gap_evaluator": Kind(
        "overfitting gap, model minus evaluator",
        GAP,
        "accuracy under the audited model minus accuracy under the evaluator",
        "difference",
        61,
    ),
    "identity_bits": Kind(
        "identity bits",
        "bits",
        "mean log2(gallery size / rank), with the worst rank over the verifiers",
        "bits",
        70,
    ),
    "member_gap": Kind(
        "training minus held-out similarity",
        "difference of cosines",
        "similarity of a reconstruction to training images of its {one} minus that to held-out images; above zero: "
        "single images were memorised",
        "number",
        80,
    ),
    "target_accuracy_on_references": Kind(
        "accuracy of the audited model on the private images",
        "mean accuracy over {many}",
        "the audited model labels the private images correctly",
        "share",
        90,
    ),
    "frechet_distance": Kind(
        "Fréchet distance",
        "squared distance",
        "Fréchet distance to the private images in the features of a verifier; not FID",
        "number",
        300,
    ),
    "kernel_distance": Kind(
        "kernel distance",
        "squared discrepancy",
        "polynomial kernel distance to the private images in the features of a verifier; not KID; the interval comes "
        "from halves of the images",
        "number",
        310,
    ),
    "precision": Kind(
        "precision",
        "share of reconstructions",
        "reconstructions within the 5-neighbour ball of a private image, in the features of a verifier",
        "share",
        320,
    ),
    "recall": Kind(
        "recall",
        "share of private images",
        "private images within the 5-neighbour ball of a reconstruction, in the features of a verifier",
        "share",
        321,
    ),
    "density": Kind(
        "density",
        "ratio",
        "private 5-neighbour balls around a reconstruction, divided by 5; about 1 for private images",
        "number",
        322,
    ),
    "coverage": Kind(
        "coverage",
        "share of private images",
        "private images whose 5-neighbour ball holds a reconstruction, in the features of a verifier",
        "share",
        323,
    ),
    "tangent_alignment": Kind(
        "alignment of the gradient with the prior",
        "cosine",
        "cosine between the gradient of the loss at a submission and its projection on the directions in which the "
        "prior can change the image",
        "number",
        350,
    ),
    # rates of judges and other models, with their intervals
    "rank1_on_references": Kind(
        "real images ranked first", "mean share over {many}", "real images rank their own {one} first", "share", 400
    ),
    "false_match_rate": Kind(
        "false matches",
        "share of pairs, interval over {many}",
        "reconstructions made for others, and images of controls, that reach the threshold for a {one}",
        "share",
        401,
    ),
    "sensitivity_alone": Kind(
        "real images recognised, alone",
        "mean share over {many}",
        "real images of a {one}, not part of its template, that this verifier ranks first and above a threshold with "
        "1 % false matches on real images of others",
        "share",
        402,
    ),
    "specificity_alone": Kind(
        "real images of others rejected, alone",
        "mean share over {many}",
        "real images of others that this verifier does not take for a {one}, by the same threshold",
        "share",
        403,
    ),
    "held_out_accuracy": Kind(
        "accuracy on held-out images",
        "mean accuracy over {many}",
        "held-out private images are labelled correctly",
        "share",
        410,
    ),
    "training_accuracy": Kind(
        "accuracy on its training images",
        "mean accuracy over {many}",
        "the images it was trained on are labelled correctly",
        "share",
        411,
    ),
    "memorisation_gap": Kind(
        "training minus held-out accuracy",
        "difference of mean accuracies over {many}",
        "accuracy on the training images minus accuracy on held-out images of the same {many}",
        "difference",
        412,
    ),
    "on_replaced": Kind(
        "twin on those it was trained without",
        "mean accuracy over {many}",
        "the twin labels real images of the {many} it was trained without as theirs",
        "share",
        420,
    ),
    "on_others": Kind(
        "twin on the others",
        "mean accuracy over {many}",
        "the twin labels real images of the other {many} correctly",
        "share",
        421,
    ),
    "sensitivity": Kind(
        "real images recognised",
        "mean share over {many}",
        "real images of a {one}, not part of its template, that every verifier recognises",
        "share",
        430,
    ),
    "specificity": Kind(
        "images of others rejected",
        "mean share over {many}",
        "images made for others, or without the model, that are not taken for a {one}",
        "share",
        431,
    ),
    "corrected_p": Kind(
        "recognised, corrected",
        SHARE,
        "p = (rate + specificity - 1) / (sensitivity + specificity - 1), within 0 and 1",
        "share",
        440,
    ),
    "corrected_q": Kind(
        "strongest control, corrected", SHARE, "q, corrected in the same way as p", "share", 441
    ),
    "uncorrected_risk": Kind(
        "risk R, uncorrected", SHARE, "R from the rates as they were measured", "share", 442
    ),
    "regression": Kind(
        "change of R since the release before",
        GAP,
        "R of this audit minus R of the earlier one over the {many} both share, not corrected for errors of the "
        "verifiers",
        "difference",
        500,
    ),
    "comparison": Kind(
        "R of the second audit minus R of the first",
        GAP,
        "over the {many} both audited, paired, not corrected for errors of the verifiers",
        "difference",
        501,
    ),
    "power": Kind(
        "power of the plan",
        "share of the reference model's attacked {many}",
        f"R of the same plan against the reference model; {share(POWER_NEEDED)} is needed for a PASS",
        "share",
        510,
    ),
    "convinced": Kind(
        "accuracy under the reference model",
        SHARE,
        "the first guess of the reference model for the reconstruction is the {one}",
        "share",
        450,
    ),
}  # fmt: skip

CONTROLS: dict[str, Kind] = {
    "prior": Kind(
        "generator samples",
        SHARE,
        "the most realistic of as many samples of the generator as the attack has restarts, or their consensus where "
        "the attack submits one, made without the model",
        "share",
        100,
    ),
    "nearest-public": Kind(
        "nearest public image",
        SHARE,
        "the public image that the audited model scores highest for the {one}: chosen with the model's scores, from "
        "images that are not in its training set",
        "share",
        101,
    ),
    "permuted": Kind(
        "reconstructions of others",
        SHARE,
        "reconstructions made for other {many}, taken for this {one}: the mean over all exchanges",
        "share",
        102,
    ),
    "twin": Kind(
        "twin",
        SHARE,
        "the same attack on a twin that was trained without the images of these {many}, scored against their real "
        "images",
        "share",
        103,
    ),
}

BY_PREFIX: dict[str, Kind] = {
    "verifier_": Kind(
        "recognised by {name} alone", SHARE, "ranked first and above the threshold under {name} alone", "share", 200
    ),
    "knn_distance_": Kind(
        "distance to the nearest private image, {name}",
        "squared L2",
        "from a reconstruction to the nearest private image of its {one}, in the features of {name}",
        "number",
        330,
    ),
    "feature_distance_": Kind(
        "distance to the mean private image, {name}",
        "squared L2",
        "from a reconstruction to the mean feature of its {one}, in the features of {name}",
        "number",
        340,
    ),
}


def kind_of(name: str) -> tuple[Kind, str]:
    """Return the kind of a figure, and the judge or control that its name refers to.

    Raises: KeyError for a figure that the catalogue does not have.
    """
    if name in FIGURES:
        return FIGURES[name], ""
    if (control := name.removeprefix("control_")) != name:
        return CONTROLS[control], control
    prefix = next((prefix for prefix in BY_PREFIX if name.startswith(prefix)), None)
    if prefix is None:
        raise KeyError(f"no figure {name!r} in the catalogue")
    return BY_PREFIX[prefix], name.removeprefix(prefix)


def labelled(name: str, figure: Mapping[str, Any], noun: Noun = PERSON) -> dict[str, Any]:
    """Return a figure with `id`, `label`, `unit`, `definition`, `format` and `order` added."""
    kind, of = kind_of(name)
    words = {"one": noun.one, "many": noun.many, "name": of}
    return {
        **figure,
        "id": name,
        "label": kind.label.format(**words),
        "unit": kind.unit.format(**words),
        "definition": kind.definition.format(**words),
        "format": kind.format,
        "order": kind.order,
    }


def labelled_again(name: str, figure: Mapping[str, Any], noun: Noun) -> dict[str, Any]:
    """Return a stored figure with labels, which older versions did not write.

    A figure that is no longer in the catalogue keeps its name.
    """
    if "label" in figure:
        return dict(figure)
    try:
        return labelled(name, figure, noun)
    except KeyError:
        unknown = {"label": name.replace("_", " "), "unit": "", "definition": "", "format": "number", "order": 999}
        return {**unknown, **figure, "id": name}
