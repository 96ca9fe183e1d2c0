"""The feature decoder as an attack: closed-form starts, short searches, and their consensus."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from worker.inversion.attacks.attack import Attack, Searched, Setting, Task, attacks
from worker.inversion.attacks.latent_search import adam_on_latents, decoded, half_cosine, near_decoded
from worker.inversion.progress import part_of

KINDS = 4
"""Kinds of restarts: two weights of the regulariser, with and without views."""


@attacks.register("decoder")
@dataclass(frozen=True, kw_only=True)
class Decoder(Attack):
    """Starts every row from the decoder's latent z_y of its identity (`feature_decoder`), and
    minimises, over z in [-clamp, clamp]^d,

        L_r(z) = identity_weight * [L_id(G(z), y) + lambda_r R(G(z))] - realism_weight * D(G(z))

    by Adam at a rate that falls to a tenth along a half cosine. The restarts r differ:

        lambda_r = lambda_reg * spread^(r mod 2),   z_0 = z_y + noise * eps_r from r = 4 on

    and every second pair of them (r mod 4 > 1) sees random views, `views_per_step` of them per
    step. With the selection "consensus", the submission is the mean latent of z_y and all
    restarts: they share what belongs to the person, and differ in what only convinces the target.
    That is better where a mean of latents is a mean of images, for linear priors, and worse for
    GANs. Source: ours (docs/engine.md).

    Attributes:
        spread: ratio of the regulariser's weights of odd and even restarts.
        noise: deviation of the starts from the fifth restart on, per coordinate of z.
    """

    name: ClassVar[str] = "decoder"
    prior_kind: ClassVar[str | None] = "wgan-gp"
    uses_decoder: ClassVar[bool] = True

    setting: Setting = "lom"
    steps: int = 100
    restarts: int = 2
    spread: float = 10 / 3
    noise: float = 1.0
    views_per_step: int = 1
    clamp: float = 2.5

    def __post_init__(self) -> None:
        super().__post_init__()
        self._at_least(0, "spread", "noise", "clamp")

    def start(self, task: Task) -> Tensor:
        """Return the first latents (R, d)."""
        return near_decoded(task, self.noise, "decoder", exact=KINDS)

    def search(self, task: Task) -> Searched:
        z = self.start(task)
        iterations = torch.full((len(z),), self.steps, device=z.device)
        kinds = [restart % KINDS for _, restart in task.rows]
        present = sorted(set(kinds))
        for done, kind in enumerate(present):
            rows = torch.tensor([at for at, one in enumerate(kinds) if one == kind], device=z.device)
            one = dataclasses.replace(
                self,
                lambda_reg=self.lambda_reg * self.spread ** (kind % 2),
                views_per_step=self.views_per_step if kind > 1 else 0,
            )
            part = task._replace(
                y=task.y[rows],
                restart=task.restart[rows],
                p_reg=task.p_reg[rows] if task.p_reg is not None and task.p_reg.ndim == 2 else task.p_reg,
                progress=part_of(task.progress, done, len(present)),
            )
            z[rows], iterations[rows] = adam_on_latents(one, part, z[rows], clamp=self.clamp, rate=half_cosine)
        return Searched(z, iterations)

    def consensus(self, task: Task, z: Tensor) -> Tensor:
        """Return the mean of the decoder's latent and those of all restarts (K, restarts, d)."""
        own = decoded(task)[task.y[:: self.restarts]]
        return super().consensus(task, torch.cat([own[:, None], z], 1))
