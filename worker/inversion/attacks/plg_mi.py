"""PLG-MI (Yuan et al., AAAI 2023): latent search by the max-margin loss under random views."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from torch import Tensor

from worker.inversion.attacks.attack import Attack, Searched, Task, attacks
from worker.inversion.attacks.latent_search import adam_on_latents, from_pool
from worker.inversion.errors import InvalidRecipe

PUBLISHED: dict[str, Any] = {
    "setting": "baseline",
    "steps": 600,
    "restarts": 5,
    "lr": 0.1,
    "realism_weight": 0.0,
    "views_per_step": 2,
    "view": "mirrored",
    "pool": 0,
    "clamp": 0.0,
    "selection": "average",
}
"""The attack as published, without its change of colours: `PlgMi(**plg_mi.PUBLISHED)`."""


@attacks.register("plg-mi")
@dataclass(frozen=True, kw_only=True)
class PlgMi(Attack):
    """Minimises in every row, over z,

        L(z) = E_A [max_{j != y} f_j(A(G(z))) - f_y(A(G(z)))]

    by Adam at a constant rate. f are the logits of T, and the expectation over random views A is
    the mean over `views_per_step` views, drawn anew in every step. The margin's gradient does not
    vanish when T is sure of y. The published form has no students, feature regulariser or realism.

    Attributes:
        pool: candidates per seed. Restart r starts from the r-th best of them under T. With 0, as
            published, every restart starts from a fresh draw.
        clamp: bound of every coordinate of z, 0 for none, as published.
    """

    name: ClassVar[str] = "plg-mi"
    prior_kind: ClassVar[str | None] = "wgan-gp"

    identity_loss: str | None = "max_margin"
    lr: float = 0.05
    views_per_step: int = 2
    pool: int = 1024
    clamp: float = 2.5

    def __post_init__(self) -> None:
        super().__post_init__()
        self._at_least(0, "pool", "clamp")
        if 0 < self.pool < self.restarts:
            raise InvalidRecipe(f"plg-mi: pool must be 0 or at least restarts ({self.restarts}), not {self.pool}")

    def start(self, task: Task) -> Tensor:
        """Return the first latents (R, d)."""
        return from_pool(self, task, self.pool)

    def search(self, task: Task) -> Searched:
        return adam_on_latents(self, task, self.start(task), clamp=self.clamp)
