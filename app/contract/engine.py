"""What the service knows of the engine's attacks: enough to plan an audit and to estimate its time.

A test compares every fact with the engine (`tests/unit/inversion/test_contract.py`).
"""

from dataclasses import dataclass

from app.contract.choices import PriorKind

MICRO_BATCH = 40
"""Images computed at once, unless a shard has fewer."""

WITH_STUDENTS = frozenset({"ma", "lomma"})
"""Settings that search with students."""

PRIOR_KINDS: dict[str, PriorKind] = {"gmi": "wgan-gp", "kedmi": "kedmi", "vmi": "non-saturating", "miface": "wgan-gp"}
"""The prior that each attack was published with. For miface, which has none, that of its control."""

PCA_OPTIONS: dict[str, dict[str, float]] = {
    "gmi": {"realism_weight": 10.0},
    "kedmi": {"realism_weight": 10.0},
    "vmi": {"beta": 0.03},
}
"""What each attack changes for a prior of principal components, whose realism is a log density (docs/engine.md)."""

SMALL = 32
"""Largest side of a small image, in pixels. Up to it, students and generators are small networks."""

DRAWS = {"kedmi": 1, "vmi": 4}
"""Draws in a step from the distribution of an identity, of attacks that search a distribution."""


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


def images_a_step(attack: str, restarts: int) -> int:
    """Return the images of an identity that are computed in a step."""
    return DRAWS.get(attack, restarts)
