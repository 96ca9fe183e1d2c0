"""A latent search from the feature decoder's latent, strongly regularised."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from torch import Tensor

from worker.inversion.attacks.attack import Attack, Searched, Setting, Task, attacks
from worker.inversion.attacks.latent_search import adam_on_latents, half_cosine, near_decoded


@attacks.register("warm-start")
@dataclass(frozen=True, kw_only=True)
class WarmStart(Attack):
    """Starts from the decoder's latent z_y of its identity (`feature_decoder`), and minimises,
    over z in [-clamp, clamp]^d,

        L(z) = identity_weight * [L_id(G(z), y) + lambda_reg R(G(z))] - realism_weight * D(G(z)),
        z_0 = z_y + noise * eps_r from restart r = 1 on

    by Adam at a rate that falls to a tenth along a half cosine. Unlike `decoder`, it submits what
    a search itself found. Source: ours (docs/engine.md).

    Attributes:
        noise: deviation of the starts from the second restart on, per coordinate of z.
    """

    name: ClassVar[str] = "warm-start"
    prior_kind: ClassVar[str | None] = "wgan-gp"
    uses_decoder: ClassVar[bool] = True

    setting: Setting = "lom"
    steps: int = 100
    restarts: int = 1
    noise: float = 1.0
    clamp: float = 2.5

    def __post_init__(self) -> None:
        super().__post_init__()
        self._at_least(0, "noise", "clamp")

    def start(self, task: Task) -> Tensor:
        """Return the first latents (R, d)."""
        return near_decoded(task, self.noise, "warm-start", exact=1)

    def search(self, task: Task) -> Searched:
        return adam_on_latents(self, task, self.start(task), clamp=self.clamp, rate=half_cosine)
