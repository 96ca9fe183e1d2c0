"""Facts about the engine's attacks that the service needs to plan an audit and estimate its time.

A test compares every fact with the engine (`tests/unit/inversion/test_contract.py`).
"""

import math
from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import NamedTuple

from app.contract.choices import Attack, Effort, PriorChoice, PriorKind, Setting

MICRO_BATCH = 40
"""Images computed at once, unless a shard has fewer."""

WITH_STUDENTS = frozenset({"ma", "lomma"})
"""Settings that search with students."""

PRIOR_KINDS: dict[str, PriorKind] = {
    "decoder": "wgan-gp",
    "warm-start": "wgan-gp",
    "warm-start-views": "wgan-gp",
    "closed-form": "wgan-gp",
    "gmi": "wgan-gp",
    "kedmi": "kedmi",
    "vmi": "non-saturating",
    "plg-mi": "wgan-gp",
    "ppa": "wgan-gp",
    "miface": "wgan-gp",
}
"""The kind of prior of each attack by default. miface has none; the kind is for its control."""


def learns_answers(prior_kind: str) -> bool:
    """Return whether a prior of this kind is trained with the answers of the attacked model."""
    return prior_kind == "kedmi"


PCA_OPTIONS: dict[str, dict[str, float | str]] = {
    "decoder": {"realism_weight": 10.0, "lambda_reg": 3.0, "view": "mirrored", "selection": "consensus"},
    "warm-start": {"realism_weight": 10.0, "lambda_reg": 10.0},
    "warm-start-views": {"realism_weight": 10.0, "lambda_reg": 10.0, "view": "mirrored"},
    "gmi": {"realism_weight": 10.0},
    "kedmi": {"realism_weight": 10.0},
    "vmi": {"beta": 0.03},
    "plg-mi": {"realism_weight": 10.0},
    "ppa": {"realism_weight": 10.0},
}
"""Options of each attack for a prior of principal components.

The realism of such a prior is a log density (docs/engine.md).
"""

SMALL = 32
"""Largest side of a small image, in pixels.

Up to it, students and generators are small networks.
"""

DRAWS = {"kedmi": 1, "vmi": 4}
"""Draws per step from an identity's distribution, for attacks that search a distribution."""


POWER_NEEDED = 0.5
"""R that a plan must reach on the reference model for a PASS."""

SENSITIVITY_NEEDED = 0.5
"""Share of real images that the verifiers must recognise for a PASS."""


@dataclass(frozen=True)
class Views:
    """Views of images that the target scores, beyond the images themselves.

    Attributes:
        a_step: views of each image whose loss is averaged in a step; 1 for one view or the image.
        of_starts: views of all candidates for the starts of a shard.
        of_result: views by which a reconstruction is ranked, if they are not the `VIEWS` light
            ones.
    """

    a_step: int = 1
    of_starts: int = 0
    of_result: int = 0


VIEWS_OF = {"plg-mi": Views(a_step=2), "ppa": Views(of_starts=4096, of_result=100)}
"""Views of the attacks that score more of them than others."""


WITH_DECODER = frozenset({"decoder", "warm-start", "warm-start-views", "closed-form"})
"""Attacks that use the feature decoder. A linear prior is refitted to the target for them."""


@dataclass(frozen=True)
class DomainRefit:
    """How a linear prior is refitted to a target.

    Attributes:
        rounds, steps: most rounds, each a search of this number of steps for every class.
        fewest_classes, most_classes: of a target that is refitted, and that a round attacks.
        images: public images that the decoder is fitted to, before the first and after each round.
    """

    rounds: int = 2
    steps: int = 60
    fewest_classes: int = 20
    most_classes: int = 100
    images: int = 5_000


REFIT = DomainRefit()


LOOK_SHARE, LOOK_ALPHA, FEWEST_TO_LOOK = 0.5, 0.001, 40
"""Of an early look: its share of the identities, its error rate, and the fewest in the plan.

At this error rate the look hardly raises that of the final bounds, which stay at 5 % (Haybittle
1971, Peto et al. 1976; `python -m bench.truth.early_look`).
"""


@dataclass(frozen=True)
class Preset:
    """How hard an attack tries."""

    steps: int
    restarts: int
    students: int


PRESETS: dict[str, Preset] = {
    "quick": Preset(steps=75, restarts=2, students=2),
    "standard": Preset(steps=150, restarts=4, students=3),
    "deep": Preset(steps=400, restarts=8, students=3),
}


SINGLE = frozenset({"warm-start", "warm-start-views", "closed-form"})
"""Attacks that reconstruct each identity once."""


def planned_effort(attack: str, prior_kind: str, effort: Effort, beside: Collection[str] = ()) -> Preset:
    """Return how hard an attack with a prior of this kind tries.

    A closed form takes no step. With a PCA prior, the decoder gains nothing from more than two
    restarts, and beside a warm start, which is like its second, from more than one
    (docs/ablation.md).

    Args:
        beside: the attacks of the plan with the same setting and prior.
    """
    preset = PRESETS[effort]
    most = dict.fromkeys(SINGLE, 1)
    if prior_kind == "pca":
        most["decoder"] = 1 if "warm-start" in beside else 2
    restarts = min(preset.restarts, most.get(attack, preset.restarts))
    return replace(preset, steps=0 if attack == "closed-form" else preset.steps, restarts=restarts)


class Portfolio(NamedTuple):
    """Attacks of an audit that names none, on images up to `SMALL` and on larger ones."""

    small: tuple[Attack, ...]
    large: tuple[Attack, ...]


FROM_THE_DECODER: tuple[Attack, ...] = ("decoder", "warm-start", "warm-start-views")
"""Three submissions for each identity from three searches (docs/portfolios.md)."""

PORTFOLIOS: dict[Effort, Portfolio] = {
    "quick": Portfolio(("gmi",), FROM_THE_DECODER),
    "standard": Portfolio(("gmi",), FROM_THE_DECODER),
    "deep": Portfolio(("gmi", "decoder"), (*FROM_THE_DECODER, "gmi")),
}
"""Portfolios by effort (docs/portfolios.md)."""


def default_portfolio(effort: Effort, side: int) -> tuple[Attack, ...]:
    """Return the attacks of this effort for images with this largest side, in pixels."""
    return PORTFOLIOS[effort].large if side > SMALL else PORTFOLIOS[effort].small


RESTART_KINDS = {"decoder": 4}
"""Kinds of restarts that an attack searches one after the other."""


def images_a_step(attack: str, restarts: int) -> int:
    """Return the number of images of an identity that are computed in a step."""
    return DRAWS.get(attack, restarts)


def refit_steps(prior_kind: PriorKind, classes: int, rounds: int = REFIT.rounds) -> int:
    """Return the gradient queries of a domain refit, for all classes together. 0 without one.

    Args:
        classes: of the target.
        rounds: that were made. Without it, the most that a refit makes.
    """
    if prior_kind != "pca" or classes < REFIT.fewest_classes:
        return 0
    return rounds * REFIT.steps * min(classes, REFIT.most_classes)


def images_at_once(attack: str, restarts: int) -> int:
    """Return the number of images of an identity that one pass through the networks can hold."""
    return math.ceil(images_a_step(attack, restarts) / min(restarts, RESTART_KINDS.get(attack, 1)))


def default_setting(side: int) -> Setting:
    """Return the default setting for images with this largest side, in pixels."""
    return "lom" if side > SMALL else "lomma"


def default_prior(side: int) -> PriorChoice:
    """Return the default prior for images with this largest side, in pixels."""
    return "pca" if side > SMALL else "trained"


EVALUATOR_EPOCHS, REFERENCE_EPOCHS = 15, 30
"""Epochs of the evaluator, and the fewest of the reference model."""

REFERENCE_IDENTITIES, MORE_REFERENCE_IDENTITIES = 16, 48
"""Identities of the reference model that a plan is tried on, at most: up to `SMALL` and above."""

OTHER_CONVENTIONS, CONVENTION_SAMPLE = 8, 400
"""Other input conventions that are tried, at most, and private images that they are tried on."""

SHORTLIST, VIEWS = 16, 8
"""Public images of an identity whose views are scored, and views of each."""
