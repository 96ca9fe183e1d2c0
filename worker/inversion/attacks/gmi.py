"""GMI (Zhang et al., CVPR 2020): latent search, in four settings (Nguyen et al., CVPR 2023)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import torch
from torch import Tensor

from worker.inversion.attacks.attack import Attack, Searched, Task, attacks
from worker.inversion.attacks.descent import descend, leaves, slopes
from worker.inversion.attacks.latent_search import adam_on_latents, from_pool, half_cosine
from worker.inversion.attacks.moments import Moment, Schedule, State
from worker.inversion.errors import InvalidRecipe

PUBLISHED: dict[str, Any] = {
    "optimiser": "momentum",
    "steps": 2400,
    "restarts": 5,
    "lr": 0.02,
    "clamp": 1.0,
    "pool": 0,
    "selection": "target",
}
"""The attack as published: `Gmi(**gmi.PUBLISHED)`."""


@attacks.register("gmi")
@dataclass(frozen=True, kw_only=True)
class Gmi(Attack):
    """Minimises in every row, over z in [-clamp, clamp]^d,

        L(z) = identity_weight * L_id(G(z), y) - realism_weight * D(G(z))

    by one of two optimisers:

    * "adam" (default): Adam from the best of `pool` latents, at a rate that falls to a tenth along
      a half cosine.
    * "momentum", as published: Nesterov's momentum at a constant rate, from a random latent,

        v' = momentum * v - lr * dL/dz / reference_batch
        z' = z - momentum * v + (1 + momentum) * v'

      The published loss is a mean over a batch of 60, so each image gets 1/60 of its gradient.
      Here the loss is per image, and `reference_batch` keeps that effective step at any batch
      size.

    Attributes:
        pool: latents drawn per seed. Each restart starts from one of the best `restarts` of them
            under T. With 0, every restart starts from a fresh draw.
    """

    name: ClassVar[str] = "gmi"
    prior_kind: ClassVar[str | None] = "wgan-gp"

    pool: int = 1024
    clamp: float = 2.5
    optimiser: Literal["adam", "momentum"] = "adam"
    momentum: float = 0.9
    reference_batch: int = 60

    def __post_init__(self) -> None:
        super().__post_init__()
        self._one_of("optimiser", ("adam", "momentum"))
        self._at_least(1, "reference_batch")
        if self.clamp <= 0:
            raise InvalidRecipe(f"gmi: clamp must be positive, not {self.clamp}")
        if 0 < self.pool < self.restarts or self.pool < 0:
            raise InvalidRecipe(f"gmi: pool must be 0 or at least restarts ({self.restarts}), not {self.pool}")

    def start(self, task: Task) -> Tensor:
        """Return the first latents (R, d).

        Restart r of y starts from the r-th best latent of the seed's pool under T, or from a fresh
        draw.
        """
        return from_pool(self, task, self.pool)

    def search(self, task: Task) -> Searched:
        if self.optimiser == "adam":
            return adam_on_latents(self, task, self.start(task), clamp=self.clamp, rate=half_cosine)
        prior = task.prior
        assert prior is not None
        z = self.start(task)
        state: State = {"y": task.y, "z": z, "v": torch.zeros_like(z), **self.keyed(task)}
        if task.p_reg is not None:
            state["p_reg"] = task.p_reg.expand(len(z), -1)

        def step(s: State, now: Moment) -> tuple[State, Tensor]:
            z = leaves(s, ("z",))
            loss = self.image_loss(
                task, prior.decode(z["z"]), s["y"], s.get("p_reg"), self.drawn(s.get("views"), now.t)
            )
            new = self.momentum_step(s, slopes(loss, z))
            return {**new, "z": new["z"].clamp(-self.clamp, self.clamp)}, loss

        state, iterations = descend(
            state,
            step,
            self,
            Schedule(),
            rows=self.rows_at_once,
            progress=task.progress,
            score=lambda s: task.score(prior.decode(s["z"]), s["y"]),
            recorder=task.recorder,
            shot=task.shot(lambda s: s["z"]),
        )
        return Searched(state["z"], iterations)

    def momentum_step(self, s: State, g: State) -> State:
        v = self.momentum * s["v"] - self.lr * g["z"] / self.reference_batch
        return {**s, "v": v, "z": s["z"] - self.momentum * s["v"] + (1 + self.momentum) * v}
