"""Runs many searches at once, each a row of a state, in micro-batches of one size."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from worker.inversion.attacks.capture import FEWEST_STEPS, RecordedStep, Recorder, recorded
from worker.inversion.attacks.curve import Curve, Score
from worker.inversion.attacks.film import Shot
from worker.inversion.attacks.moments import Moment, Schedule, State, Step
from worker.inversion.batching import padded
from worker.inversion.progress import Progress

if TYPE_CHECKING:
    from worker.inversion.attacks.attack import Attack

Noise = Callable[[Sequence[int], int], Tensor]
"""(numbers of rows, step t) -> random numbers of each row (n, ...), drawn on the CPU."""


def descend(
    state: State,
    step: Step,
    attack: Attack,
    schedule: Schedule,
    *,
    rows: int,
    progress: Progress,
    noise: Noise | None = None,
    score: Score | None = None,
    recorder: Recorder | None = None,
    shot: Shot | None = None,
) -> tuple[State, Tensor]:
    """Run `attack.steps` steps on every row.

    A row's result does not depend on the other rows. A row may stop early, see `Attack.tolerance`.

    Args:
        rows: rows per micro-batch; the last one is padded.
        noise: drawn for `check_every` steps at once, outside them. A step finds its own as
            "noise" in the state.
        score: of the target, for the curve. Called between blocks of steps every few seconds.
        recorder: records the step. Without one, or if it fails, every step is computed as written.
        shot: collects the latents of all rows at some steps.
    Returns: the final state, and the steps of each row (R,).
    Progress: done and total count row-steps. After each block, the figures have a point of the
        curve.
    """
    c = attack
    state = {name: t.clone() for name, t in state.items()}
    count = len(next(iter(state.values())))
    device = next(iter(state.values())).device
    last = torch.full((count,), math.inf, device=device)
    iterations = torch.zeros(count, dtype=torch.int64, device=device)
    active = torch.arange(count)
    work, total = 0, count * c.steps
    curve = Curve(score)
    replayed: RecordedStep | None = None
    if c.steps < FEWEST_STEPS:
        recorder = None
    if shot is not None:
        shot.begin(c.steps, c.check_every, state)
    for block in range(0, c.steps, c.check_every):
        n = min(c.check_every, c.steps - block)
        curve.begin(last=block + n >= c.steps)
        parts = torch.split(active, rows)
        for number, on_cpu in enumerate(parts, 1):
            part = on_cpu.to(device)
            now = {name: padded(t[part], rows) for name, t in state.items()}
            drawn = None if noise is None else _drawn(noise, on_cpu.tolist(), range(block, block + n), rows).to(device)
            moments = [schedule.at(t) for t in range(block, block + n)]
            if recorder is not None:
                replayed = recorded(step, now, None if drawn is None else drawn[0], moments[0], recorder)
                recorder = None
            now, loss = (replayed or partial(_computed, step))(now, drawn, moments)
            k = len(part)
            for name, whole in state.items():
                whole[part] = now[name][:k]
            loss = loss.detach()[:k]
            gained = (last[part] - loss) / loss.abs().clamp_min(1e-6)
            iterations[part] += n
            stopped = (gained < c.tolerance) & (c.tolerance > 0)
            last[part] = torch.where(stopped, -math.inf, loss)
            work += n * k
            each = loss.tolist()
            curve.add(each, now, k)
            point = curve.point(block + n) if number == len(parts) else {}
            progress(work, total, {"loss": sum(each) / k, **point})
        if c.tolerance > 0:
            active = active[(last > -math.inf).cpu()[active]]
        if shot is not None:
            shot.after(block + n, state, last=len(active) == 0)
        if len(active) == 0:
            break
    progress(total, total, {"stopped_early": float((iterations < c.steps).float().mean())})
    return state, iterations


def _computed(step: Step, state: State, drawn: Tensor | None, moments: Sequence[Moment]) -> tuple[State, Tensor]:
    """Run consecutive steps as they are written. Return the state and the last loss."""
    loss = torch.zeros(0)
    for i, moment in enumerate(moments):
        state, loss = step(state if drawn is None else {**state, "noise": drawn[i]}, moment)
    return state, loss


def _drawn(noise: Noise, part: Sequence[int], steps: range, rows: int) -> Tensor:
    """Return the noise of some steps for a micro-batch, padded like its state (n, rows, ...)."""
    return torch.stack([padded(noise(part, t), rows) for t in steps])


def slopes(loss: Tensor, sought: State) -> State:
    """Return d loss_i / d sought_i of every row.

    Rows are independent, so one backward pass of the sum gives all gradients.
    """
    return dict(zip(sought, torch.autograd.grad(loss.sum(), list(sought.values())), strict=True))


def leaves(state: State, names: tuple[str, ...]) -> State:
    """Return the named tensors of a state as leaves that collect gradients."""
    return {name: state[name].detach().requires_grad_() for name in names}


def with_moments(state: State, names: tuple[str, ...]) -> State:
    """Return the state with zeroed Adam moments for these tensors."""
    moments = {f"{kind}.{name}": torch.zeros_like(state[name]) for kind in "mv" for name in names}
    return {**state, **moments}


def adam(state: State, g: State, now: Moment, betas: tuple[float, float] = (0.9, 0.999)) -> State:
    """Take one Adam step on the tensors that `g` has gradients for.

    Source: Kingma and Ba, 2015.
    """
    out, (b1, b2) = dict(state), betas
    for name, slope in g.items():
        m = b1 * state[f"m.{name}"] + (1 - b1) * slope
        v = b2 * state[f"v.{name}"] + (1 - b2) * slope * slope
        m_hat, v_hat = m / now.m, v / now.v
        out[f"m.{name}"], out[f"v.{name}"] = m, v
        out[name] = state[name].detach() - now.rate * m_hat / (v_hat.sqrt() + 1e-8)
    return out
