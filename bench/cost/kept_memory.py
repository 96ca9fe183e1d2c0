"""Compare work with and without freed memory that is kept for the next step (glibc only).

    python -m bench.cost.kept_memory [--repeats 3] [--json]

Runs a search of the engine on a small network and on VGG16-BN, steps that train a prior, and
passes over images without gradients, alternately with and without `worker.runtime.allocator`,
each in a process of its own. Prints processor seconds with it over those without it (mean of the
repeats, with the smallest and the largest ratio), and the same of peak memory.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import platform
import resource
from collections.abc import Callable

import numpy as np
import torch

from bench.cost.engine_speed import PAPER, Networks, engine_loop, make
from worker.inversion.acceleration import fast_prior, fast_target
from worker.inversion.data import to_tensor
from worker.inversion.priors.training import start_training
from worker.runtime.allocator import keep_freed_memory

SMALL = Networks("exhume/small-cnn", {}, 32)


def search(networks: Networks, batch: int, steps: int) -> Callable[[], None]:
    target, prior = make(networks, classes=90)
    fast, faster = fast_target(target, "float32"), fast_prior(prior, "float32")
    return lambda: engine_loop(fast, faster, batch, steps)


def training() -> Callable[[], None]:
    images = np.random.default_rng(0).integers(0, 256, (500, 64, 64, 3), np.uint8)
    own = start_training(images, {"kind": "non-saturating", "steps": 10, "affine": 0.3}, seed=0, checkpoint=None)

    def run() -> None:
        for _ in range(6):
            own.step()

    return run


def passes() -> Callable[[], None]:
    target, _ = make(SMALL, classes=90)
    images = to_tensor(np.random.default_rng(0).integers(0, 256, (256, 64, 64, 3), np.uint8))

    def run() -> None:
        with torch.no_grad():
            for _ in range(8):
                target(images)

    return run


WORK: dict[str, Callable[[], Callable[[], None]]] = {
    "search, small network, 40 images": lambda: search(SMALL, 40, 30),
    "search, VGG16-BN, 16 images": lambda: search(PAPER, 16, 5),
    "training a prior, 64 px": training,
    "passes of 256 images, small network": passes,
}


def measured(name: str, kept: bool, threads: int) -> tuple[float, float]:
    """Return processor seconds of the work, after one run to warm up, and peak MiB."""
    torch.set_num_threads(threads)
    if kept and not keep_freed_memory():
        raise SystemExit("the C library has no such options: run this with glibc")
    run = WORK[name]()
    run()
    before = used()
    run()
    return used() - before, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def used() -> float:
    """Return the processor seconds of this process."""
    spent = resource.getrusage(resource.RUSAGE_SELF)
    return spent.ru_utime + spent.ru_stime


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--json", action="store_true", help="end with one line of JSON")
    args = parser.parse_args()
    found = {}
    for name in WORK:
        ratios = []
        for _ in range(args.repeats):
            with multiprocessing.get_context("spawn").Pool(1, maxtasksperchild=1) as pool:
                pair = [pool.apply(measured, (name, kept, args.threads)) for kept in (True, False)]
            ratios.append([one / other for one, other in zip(*pair, strict=True)])
        seconds, memory = zip(*ratios, strict=True)
        found[name] = {
            "seconds": round(sum(seconds) / len(seconds), 3),
            "smallest": round(min(seconds), 3),
            "largest": round(max(seconds), 3),
            "memory": round(sum(memory) / len(memory), 3),
        }
        print(f"{name}: {found[name]}", flush=True)
    if args.json:
        print(json.dumps({"bench": "kept_memory", "ratios": found, "device": f"{platform.machine()} CPU"}))


if __name__ == "__main__":
    main()
