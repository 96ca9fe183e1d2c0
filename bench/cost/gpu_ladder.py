"""The engine's search on a device, against a plain loop and the device's own convolutions."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any, NamedTuple

import torch

from bench.cost.engine_speed import CLASSES, SHAPE, Networks, ceiling, engine_loop, make, plain_loop, wait
from worker.inversion.acceleration import Precision, fast_prior, fast_target
from worker.inversion.acceleration.exactness import float32_convolutions, multiplying
from worker.inversion.attacks.capture import Recorder
from worker.inversion.layout import channels_last
from worker.inversion.memory import halving

WARM_UP = 2


class Rungs(NamedTuple):
    """Batch of the plain loop and of the engine, and steps of each."""

    plain_batch: int
    batch: int
    plain_steps: int
    steps: int


@contextmanager
def as_pytorch_comes() -> Iterator[None]:
    """Multiply and choose kernels as PyTorch does unless it is told otherwise, as papers' code."""
    before = torch.get_deterministic_debug_mode()
    torch.set_deterministic_debug_mode("default")
    try:
        with torch.backends.cudnn.flags(enabled=True, benchmark=False, deterministic=False, allow_tf32=True):
            yield
    finally:
        torch.set_deterministic_debug_mode(before)


def rate(device: torch.device, run: Callable[[int], None], images: int, steps: int) -> float:
    """Return image-steps per second after a warm-up."""
    run(WARM_UP)
    wait(device)
    start = time.perf_counter()
    run(steps)
    wait(device)
    return images * steps / (time.perf_counter() - start)


def fitting_ladder(device: torch.device, rungs: Rungs, *args: Any) -> dict[str, Any]:
    """Return the ladder with the planned batch of the engine, halved until it fits into memory."""
    found, _ = halving(lambda batch: ladder(device, rungs._replace(batch=batch), *args), rungs.batch)
    return found


def ladder(
    device: torch.device,
    rungs: Rungs,
    networks: Networks,
    precisions: Sequence[Precision],
    recorder: Callable[[], Recorder | None],
) -> dict[str, Any]:
    """Return image-steps per second of the plain loop and of the engine in each precision.

    Each precision has a rung that computes every step and, where steps can be recorded, one that
    replays them. The time of a rung contains the recording, as that of an audit does. A share of
    the ceiling is relative to the same convolutions alone, in the same precision and batch.
    """
    T, prior = make(networks)
    T, prior = T.to(device), prior.to(device)
    with as_pytorch_comes():
        plain = rate(device, partial(plain_loop, T, prior, rungs.plain_batch), rungs.plain_batch, rungs.plain_steps)
    T, prior = channels_last(T), channels_last(prior)
    found, replayed, shares = {}, {}, {}
    for precision in precisions:
        fast = fast_target(T, precision), fast_prior(prior, precision)
        with float32_convolutions(device), multiplying(device, precision):
            found[precision] = rate(device, partial(engine_loop, *fast, rungs.batch), rungs.batch, rungs.steps)
            by = recorder()
            if by is not None:
                again = partial(engine_loop, *fast, rungs.batch, recorder=by)
                replayed[precision] = rate(device, again, rungs.batch, rungs.steps)
                if not by.recorded:
                    del replayed[precision]  # it computed every step
            dtype = torch.bfloat16 if precision == "bf16" else torch.float32
            flop, limit = ceiling(T, prior, rungs.batch, dtype, 3)
        best = max(found[precision], replayed.get(precision, 0.0))
        shares[precision] = round(best * flop / limit, 3)
    best = max([*found.values(), *replayed.values()])
    return {
        "image_steps_per_second": {
            "plain loop": round(plain, 1),
            **{name: round(value, 1) for name, value in found.items()},
            **{f"{name}, recorded": round(value, 1) for name, value in replayed.items()},
        },
        "ratio": round(best / plain, 2),
        "share_of_ceiling": shares,
        "networks": f"{networks.architecture} of {CLASSES} classes at {SHAPE[1]} px, generator and critic",
        **rungs._asdict(),
    }
