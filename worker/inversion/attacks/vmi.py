"""VMI (Wang et al., NeurIPS 2021): a variational distribution of latents per identity."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from worker.inversion.attacks.attack import Attack, Searched, Task, attacks
from worker.inversion.attacks.descent import adam, descend, leaves, slopes, with_moments
from worker.inversion.attacks.moments import Moment, Schedule, State
from worker.inversion.attacks.variational import families
from worker.inversion.latents import draw, draws

PUBLISHED: dict[str, float] = {"beta": 1e-3}
"""The settings of the paper that differ from the defaults: `Vmi(**vmi.PUBLISHED)`."""


@attacks.register("vmi")
@dataclass(frozen=True, kw_only=True)
class Vmi(Attack):
    """Fits a distribution q(z) per identity y, which minimises

        E_{z ~ q} [identity_weight * L_id(G(z), y)] + beta * KL(q || N(0, I))

    by Adam, over `samples` reparametrised draws per step. In the baseline, L_id = -log p_T(y |
    G(z)). The distributions of a shard are rows of batched parameters in float32. The result is
    `restarts` draws per identity.

    Attributes:
        family: "gaussian" (full covariance) or "flow" (Glow type), see `variational`.
        beta: weight of the divergence.
        samples: draws per identity and step. A micro-batch holds micro_batch // samples
            identities.
    """

    name: ClassVar[str] = "vmi"
    prior_kind: ClassVar[str | None] = "non-saturating"

    family: str = "gaussian"
    beta: float = 0.01
    samples: int = 4
    steps: int = 300
    restarts: int = 4
    lr: float = 0.05
    identity_weight: float = 1.0
    realism_weight: float = 0.0

    def __post_init__(self) -> None:
        super().__post_init__()
        families[self.family]
        self._at_least(1, "samples")
        self._at_least(0, "beta")

    def search(self, task: Task) -> Searched:
        prior, y, q = task.prior, task.y[:: self.restarts], families[self.family]
        assert prior is not None
        d, S = prior.latent_dim, self.samples
        start = q.start(len(y), d, y.device)
        names = tuple(start)
        state: State = with_moments({"y": y, **start}, names)
        state |= {name: keys[:: self.restarts] for name, keys in self.keyed(task).items()}
        if task.p_reg is not None:
            state["p_reg"] = task.p_reg.expand(len(task.y), -1)[:: self.restarts]

        def step(s: State, now: Moment) -> tuple[State, Tensor]:
            parameters = leaves(s, names)
            z, kl = q.push(parameters, s["noise"])
            labels = s["y"].repeat_interleave(S)
            p_reg = s["p_reg"].repeat_interleave(S, 0) if "p_reg" in s else None
            keys = (s["views"][:, None] + torch.arange(S, device=y.device)).flatten() if "views" in s else None
            each = self.image_loss(task, prior.decode(z.flatten(0, 1)), labels, p_reg, self.drawn(keys, now.t))
            loss = each.view(-1, S).mean(1) + self.beta * kl
            return adam(s, slopes(loss, parameters), now), loss

        identities = [k for k, _ in task.rows[:: self.restarts]]

        def noise(rows: Sequence[int], t: int) -> Tensor:
            return draws(task.seed, "vmi", [identities[row] for row in rows], t, shape=(S, d))

        rows = max(1, self.rows_at_once // S)

        def score(s: State) -> Tensor:
            z, _ = q.push({n: s[n] for n in names}, s["noise"])
            return task.score(prior.decode(z.flatten(0, 1)), s["y"].repeat_interleave(S)).view(-1, S).mean(1)

        eps = torch.stack([draw(task.seed, "vmi-draw", k, r, shape=(d,)) for k, r in task.rows]).to(y.device)

        def found(s: State) -> Tensor:
            one = [
                q.push({n: s[n][i : i + 1] for n in names}, eps[None, i * self.restarts : (i + 1) * self.restarts])[0]
                for i in range(len(y))
            ]
            return torch.cat(one, 1).squeeze(0)

        state, iterations = descend(
            state,
            step,
            self,
            Schedule(lambda t: self.lr),
            rows=rows,
            progress=task.progress,
            noise=noise,
            score=score,
            recorder=task.recorder,
            shot=task.shot(found),
        )
        return Searched(found(state), iterations.repeat_interleave(self.restarts))
