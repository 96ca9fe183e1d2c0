"""The feature decoder's image of each identity, without a search."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import torch

from worker.inversion.attacks.attack import Attack, Searched, Setting, Task, attacks
from worker.inversion.attacks.latent_search import decoded
from worker.inversion.errors import InvalidRecipe


@attacks.register("closed-form")
@dataclass(frozen=True, kw_only=True)
class ClosedForm(Attack):
    """Submits x_y = G(z_y), with z_y the decoder's latent of identity y (`feature_decoder`).

    No gradient through pixels has touched this image. So it errs differently from a search, and
    shows some people that searches from it lose (docs/engine.md). It costs no step: `steps` is 0.
    The setting says whether a refit of the prior uses the feature regulariser.
    """

    name: ClassVar[str] = "closed-form"
    prior_kind: ClassVar[str | None] = "wgan-gp"
    fewest_steps: ClassVar[int] = 0
    uses_decoder: ClassVar[bool] = True

    setting: Setting = "lom"
    steps: int = 0
    restarts: int = 1

    def __post_init__(self) -> None:
        super().__post_init__()
        if (self.steps, self.restarts) != (0, 1):
            raise InvalidRecipe("closed-form: steps must be 0 and restarts 1, because nothing is searched")

    def search(self, task: Task) -> Searched:
        """Return the latents z_y (R, d) after no step."""
        return Searched(decoded(task)[task.y], torch.zeros_like(task.y))
