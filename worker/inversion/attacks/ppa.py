"""PPA (Struppek et al., ICML 2022): many candidates, a search under crops, selection by crops."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar

import torch
from torch import Tensor

from worker.inversion.attacks.attack import Attack, Searched, Selection, Task, attacks
from worker.inversion.attacks.latent_search import adam_on_latents, best_of
from worker.inversion.attacks.selection import crops
from worker.inversion.attacks.views import View
from worker.inversion.errors import InvalidRecipe

BETAS = (0.1, 0.1)
PUBLISHED: dict[str, Any] = {
    "setting": "baseline",
    "steps": 50,
    "restarts": 200,
    "lr": 0.005,
    "realism_weight": 0.0,
    "pool": 5000,
    "pool_crops": 2,
    "clamp": 0.0,
}
"""The attack as published, on a latent in place of StyleGAN's w: `Ppa(**ppa.PUBLISHED)`."""


@attacks.register("ppa")
@dataclass(frozen=True, kw_only=True)
class Ppa(Attack):
    """Starts from the best of many candidates, and minimises in every row, over z,

        L(z) = d_P(T(C_t(G(z))), y),   C_t a crop of 95 to 100 % of the side, drawn in every step

    by Adam with betas of 0.1, which forgets the gradients of earlier crops. d_P is the distance in
    the Poincare ball (`losses.poincare`). Candidates and results are ranked by their robustness,
    the mean confidence under stronger random crops,

        s(z) = mean_i softmax(T(C_i(G(z))))_y,   C_i a crop of 50 to 90 % of the side

    over `pool_crops` crops for candidates and `views` for results. The restart with the best s is
    submitted. The paper searches StyleGAN's space w and clips candidates in its space P. Our
    priors have neither, and `clamp` bounds z instead.

    Attributes:
        lambda_reg: 0, because the feature regulariser outweighs d_P, which is at most about 10.
            The settings lom and lomma are then baseline and ma.
        pool: candidates per seed. Restart r of y starts from the r-th best of them for y.
        clamp: bound of every coordinate of z, 0 for none.
    """

    name: ClassVar[str] = "ppa"
    prior_kind: ClassVar[str | None] = "wgan-gp"

    identity_loss: str | None = "poincare"
    lambda_reg: float = 0.0
    lr: float = 0.05
    views_per_step: int = 1
    view: View = "trim"
    selection: Selection = "crops"
    views: int = 100
    pool: int = 1024
    pool_crops: int = 4
    clamp: float = 2.5

    def __post_init__(self) -> None:
        super().__post_init__()
        self._at_least(0, "clamp")
        self._at_least(1, "pool_crops")
        if self.pool < self.restarts:
            raise InvalidRecipe(f"ppa: pool must be at least restarts ({self.restarts}), not {self.pool}")

    def robustness(self, task: Task, x: Tensor) -> Tensor:
        """Return s of images (B, C, H, W) for every class: (B, K)."""
        p = [task.models.T(crop).logits.softmax(1) for crop in crops(x, self.pool_crops)]
        return torch.stack(p).mean(0)

    def start(self, task: Task) -> Tensor:
        """Return the first latents (R, d), the most robust candidates."""
        return best_of(
            task, self.pool, partial(self.robustness, task), restarts=self.restarts, micro_batch=self.micro_batch
        )

    def search(self, task: Task) -> Searched:
        return adam_on_latents(self, task, self.start(task), clamp=self.clamp, betas=BETAS)
