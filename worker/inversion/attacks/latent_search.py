"""Parts of a latent search: starts decoded, drawn afresh or from a pool, and Adam on latents."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial

import torch
from torch import Tensor

from worker.inversion.attacks.attack import Attack, Searched, Task
from worker.inversion.attacks.descent import adam, descend, leaves, slopes, with_moments
from worker.inversion.attacks.moments import Moment, Schedule, State
from worker.inversion.batching import in_batches
from worker.inversion.latents import draw


def decoded(task: Task) -> Tensor:
    """Return the feature decoder's latent of every class (K, d)."""
    assert task.decoded is not None, "run_attack provides it to attacks that use the decoder"
    return task.decoded


def near_decoded(task: Task, noise: float, key: str, *, exact: int) -> Tensor:
    """Return a latent per row (R, d): the decoder's z_y, plus noise * eps from restart `exact`.

    Args:
        key: of the draws eps from N(0, I), by (seed, identity, restart).
    """
    z = decoded(task)[task.y]
    zero = torch.zeros(z.shape[1:])
    eps = [draw(task.seed, key, k, r, shape=z.shape[1:]) if r >= exact else zero for k, r in task.rows]
    return z + noise * torch.stack(eps).to(z.device)


def fresh(task: Task) -> Tensor:
    """Return a latent per row (R, d), drawn from N(0, I) by (seed, identity, restart)."""
    assert task.prior is not None
    shape = (task.prior.latent_dim,)
    return torch.stack([draw(task.seed, k, r, shape=shape) for k, r in task.rows]).to(task.y.device)


def best_of(
    task: Task, candidates: int, score: Callable[[Tensor], Tensor], *, restarts: int, micro_batch: int
) -> Tensor:
    """Return a latent per row (R, d): restart r of y gets the r-th best candidate for y.

    The candidates depend on the seed alone, so an identity's starts do not depend on the other
    identities.

    Args:
        candidates: number of latents drawn, at least `restarts`.
        score: from images (B, C, H, W) to scores (B, K), higher = more like each class.
    """
    prior = task.prior
    assert prior is not None
    pool = draw(task.seed, "pool", shape=(candidates, prior.latent_dim)).to(task.y.device)
    with torch.no_grad():
        scores = in_batches(lambda z: score(prior.decode(z)), pool, micro_batch)
    best = scores.topk(restarts, dim=0).indices  # (restarts, K)
    return pool[best[task.restart, task.y]]


def from_pool(attack: Attack, task: Task, pool: int) -> Tensor:
    """Return a latent per row (R, d): among the best of `pool` under T, or a fresh draw for 0."""
    if pool == 0:
        return fresh(task)

    def log_p(x: Tensor) -> Tensor:
        logits: Tensor = task.models.T(x).logits
        return logits.log_softmax(1)

    return best_of(task, pool, log_p, restarts=attack.restarts, micro_batch=attack.micro_batch)


def half_cosine(attack: Attack, t: int) -> float:
    """Return the rate of step t: it falls from `lr` to a tenth of it along a half cosine."""
    return attack.lr * (0.1 + 0.9 * 0.5 * (1 + math.cos(math.pi * t / attack.steps)))


def adam_on_latents(
    attack: Attack,
    task: Task,
    z: Tensor,
    *,
    clamp: float,
    betas: tuple[float, float] = (0.9, 0.999),
    rate: Callable[[Attack, int], float] = lambda attack, _: attack.lr,
) -> Searched:
    """Minimise the attack's image loss of G(z) in every row, from latents z (R, d), by Adam.

    Args:
        clamp: bound of every coordinate of z, 0 for none.
        rate: of a step, for example `half_cosine`.
    """
    prior, bound = task.prior, clamp or math.inf
    assert prior is not None
    state: State = with_moments({"y": task.y, "z": z, **attack.keyed(task)}, ("z",))
    if task.p_reg is not None:
        state["p_reg"] = task.p_reg.expand(len(z), -1)

    def step(s: State, now: Moment) -> tuple[State, Tensor]:
        z = leaves(s, ("z",))
        loss = attack.image_loss(
            task, prior.decode(z["z"]), s["y"], s.get("p_reg"), attack.drawn(s.get("views"), now.t)
        )
        new = adam(s, slopes(loss, z), now, betas)
        return {**new, "z": new["z"].clamp(-bound, bound)}, loss

    state, iterations = descend(
        state,
        step,
        attack,
        Schedule(partial(rate, attack), betas),
        rows=attack.rows_at_once,
        progress=task.progress,
        score=lambda s: task.score(prior.decode(s["z"]), s["y"]),
        recorder=task.recorder,
        shot=task.shot(lambda s: s["z"]),
    )
    return Searched(state["z"], iterations)
