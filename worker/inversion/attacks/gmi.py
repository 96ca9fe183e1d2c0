"""Latent search of the GMI type, in the four settings of Nguyen et al., CVPR 2023 (arXiv 2304.01669)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from worker.inversion.attacks.config import AttackConfig
from worker.inversion.batching import in_batches, padded
from worker.inversion.latents import draw
from worker.inversion.losses import ce, feature_regulariser, lom, model_average
from worker.inversion.priors.prior import Prior
from worker.inversion.progress import Progress
from worker.inversion.targets.target import Target


@dataclass(frozen=True)
class Searched:
    """Latents (R, d) after the search, and the steps each row ran (R,)."""

    z: Tensor
    iterations: Tensor


class Objective:
    """The loss of one latent row.

    L(z) = identity_weight * { 1/(1+N) [L_id(T) + sum_i L_id(S_i)] + lambda * R(T) } - realism_weight * D(G(z))

    with L_id = cross-entropy or -logit_y, R = mean_d (p(x) - p_reg)^2 (logit loss only, through T alone), and
    N = 0 without model augmentation.
    """

    def __init__(
        self, T: Target, students: Sequence[Target], prior: Prior, p_reg: Tensor | None, config: AttackConfig
    ) -> None:
        self.T, self.prior, self.p_reg, self.config = T, prior, p_reg, config
        self.students = tuple(students) if config.uses_students else ()

    def __call__(self, z: Tensor, y: Tensor) -> Tensor:
        """z (B, d), y (B,) -> (B,)"""
        c = self.config
        L_id = lom if c.uses_logit_loss else ce
        x = self.prior.decode(z)
        logits, p = self.T(x)
        identity = model_average([L_id(logits, y)] + [L_id(S(x).logits, y) for S in self.students])
        if c.uses_logit_loss and self.p_reg is not None:
            identity = identity + c.lambda_reg * feature_regulariser(p, self.p_reg)
        return c.identity_weight * identity - c.realism_weight * self.prior.realism(x)


def start(T: Target, prior: Prior, y: Tensor, restart: Tensor, config: AttackConfig, *, seed: int) -> Tensor:
    """First latents (R, d): for restart r of identity y the r-th best of the seed's pool under T, or a fresh draw."""
    d = prior.latent_dim
    if config.pool == 0:
        return torch.stack([draw(seed, k, r, shape=(d,)) for k, r in zip(y.tolist(), restart.tolist(), strict=True)])
    pool = draw(seed, "pool", shape=(config.pool, d))
    log_p = in_batches(lambda z: T(prior.decode(z)).logits.log_softmax(1), pool, config.micro_batch)
    best = log_p.topk(config.restarts, dim=0).indices  # (restarts, K)
    return pool[best[restart, y]]


def search(objective: Objective, z: Tensor, y: Tensor, *, progress: Progress) -> Searched:
    """Adam on every row of z (R, d) by itself, clamped to +-clamp, until steps are done or it has converged."""
    c = objective.config
    z, m, v = z.clone(), torch.zeros_like(z), torch.zeros_like(z)
    last = torch.full((len(z),), math.inf)
    iterations = torch.zeros(len(z), dtype=torch.int64)
    active = torch.arange(len(z))
    work, total = 0, len(z) * c.steps
    for block in range(0, c.steps, c.check_every):
        n = min(c.check_every, c.steps - block)
        for rows in torch.split(active, c.micro_batch):
            zs, ms, vs = (padded(t[rows], c.micro_batch) for t in (z, m, v))
            ys = padded(y[rows], c.micro_batch)
            loss = torch.zeros(len(zs))
            for step in range(block, block + n):
                rate = c.lr * (0.1 + 0.9 * 0.5 * (1 + math.cos(math.pi * step / c.steps)))
                zs.requires_grad_()
                loss = objective(zs, ys)
                (g,) = torch.autograd.grad(loss.sum(), zs)
                ms = 0.9 * ms + 0.1 * g
                vs = 0.999 * vs + 0.001 * g * g
                m_hat, v_hat = ms / (1 - 0.9 ** (step + 1)), vs / (1 - 0.999 ** (step + 1))
                zs = (zs.detach() - rate * m_hat / (v_hat.sqrt() + 1e-8)).clamp(-c.clamp, c.clamp)
            k = len(rows)
            z[rows], m[rows], v[rows] = zs[:k], ms[:k], vs[:k]
            loss = loss.detach()[:k]
            gained = (last[rows] - loss) / loss.abs().clamp_min(1e-6)
            iterations[rows] += n
            stopped = (gained < c.tolerance) & (c.tolerance > 0)
            last[rows] = torch.where(stopped, -math.inf, loss)
            work += n * k
            progress(work, total, {"loss": float(loss.mean())})
        active = active[last[active] > -math.inf]
        if len(active) == 0:
            break
    progress(total, total, {"stopped_early": float((iterations < c.steps).float().mean())})
    return Searched(z, iterations)
