"""MIFace (Fredrikson et al., CCS 2015): pixel ascent without a prior, as a lower bound."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from worker.inversion.attacks.attack import Attack, Searched, Setting, Task, attacks
from worker.inversion.attacks.descent import descend, leaves, slopes
from worker.inversion.attacks.moments import Moment, Schedule, State
from worker.inversion.latents import draw
from worker.inversion.priors.prior import Prior


@attacks.register("miface")
@dataclass(frozen=True, kw_only=True)
class MiFace(Attack):
    """Descends in every row from near mid-grey, and keeps the best image on the path:

        x' = clamp(x - lr * g / rms(g), 0, 1),   g = d L_id(x, y) / dx,   result argmin over the
            path of L_id(x, y)

    The published cost is 1 - p_T(y | x), whose gradient vanishes far from y. L_id has the same
    minimum. The gradient is scaled to unit root mean square, so that lr is a step in pixel values
    for any target.
    """

    name: ClassVar[str] = "miface"
    prior_kind: ClassVar[str | None] = None

    setting: Setting = "baseline"
    steps: int = 100
    restarts: int = 1
    lr: float = 0.02
    identity_weight: float = 1.0
    realism_weight: float = 0.0

    def search(self, task: Task) -> Searched:
        c = task.models.T.convention
        shape = task.prior.shape if task.prior is not None else (c.channels, c.height, c.width)
        noise = torch.stack([draw(task.seed, "miface", k, r, shape=shape) for k, r in task.rows]).to(task.y.device)
        x = (0.5 + 0.02 * noise).clamp(0, 1)
        best = torch.full((len(x),), torch.inf, device=x.device)
        state: State = {"y": task.y, "x": x, "best_x": x, "best": best, **self.keyed(task)}
        if task.p_reg is not None:
            state["p_reg"] = task.p_reg.expand(len(x), -1)

        def step(s: State, now: Moment) -> tuple[State, Tensor]:
            x = leaves(s, ("x",))
            loss = self.image_loss(task, x["x"], s["y"], s.get("p_reg"), self.drawn(s.get("views"), now.t))
            g = slopes(loss, x)["x"]
            rms = g.square().mean((1, 2, 3), keepdim=True).sqrt().clamp_min(1e-12)
            better = loss.detach() < s["best"]
            kept = {
                "best": torch.where(better, loss.detach(), s["best"]),
                "best_x": torch.where(better[:, None, None, None], s["x"], s["best_x"]),
            }
            return {**s, **kept, "x": (s["x"] - self.lr * g / rms).clamp(0, 1)}, loss

        state, iterations = descend(
            state,
            step,
            self,
            Schedule(),
            rows=self.rows_at_once,
            progress=task.progress,
            score=lambda s: task.score(s["x"], s["y"]),
            recorder=task.recorder,
            shot=task.shot(lambda s: s["best_x"]),
        )
        return Searched(state["best_x"], iterations)

    def decode(self, prior: Prior | None, z: Tensor) -> Tensor:
        """Return the pixels unchanged."""
        return z
