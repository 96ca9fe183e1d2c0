"""Check that time grows with identities x restarts x steps and memory with the micro-batch only.

    python -m bench.cost.growth [--json]

Runs the default search on the demo's target and the shipped prior, doubling one factor at a time.
Each case runs in a separate process, whose peak memory is read at its end. Prints row-steps
(identities x restarts x steps), seconds of the search without set-up, microseconds per row-step
relative to the smallest case, and MiB.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import platform
import resource
import time
from pathlib import Path
from typing import Any

import torch

from bench.attacks.omniglot import PRIOR, demo_target, spread
from bench.attacks.paired import CACHE
from worker.bundled import omniglot
from worker.inversion.attacks import Gmi, run_attack
from worker.inversion.priors import load_prior
from worker.inversion.students import public_features

SMALLEST = {"identities": 15, "restarts": 4, "steps": 30}
FACTORS = (2, 4)
WARM_UP = 2
"""Steps of the search before the measured one. It also accounts for the one-time set-up."""


def search(case: dict[str, int], threads: int, cache: Path) -> dict[str, float]:
    """Run a short search, then the case. Return seconds and this process's peak memory in MiB."""
    torch.set_num_threads(threads)
    target, _ = demo_target(cache)
    prior, regular = load_prior(PRIOR), public_features(target, omniglot.load().public.images)
    seconds = 0.0
    for steps in (WARM_UP, WARM_UP + case["steps"]):
        attack = Gmi(setting="lom", restarts=case["restarts"], steps=steps, micro_batch=60)
        start = time.perf_counter()
        run_attack(target, [], prior, regular, spread(case["identities"]), attack, seed=0)
        seconds = time.perf_counter() - start - seconds  # subtracts the set-up, which both runs share
    return {"seconds": seconds, "mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}


def cases() -> list[dict[str, int]]:
    """Return the smallest case, then each of its factors times 2 and times 4."""
    grown = [SMALLEST | {name: SMALLEST[name] * f} for name in SMALLEST for f in FACTORS]
    return [SMALLEST, *grown]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--repeats", type=int, default=2, help="runs per case; the fastest counts")
    parser.add_argument("--cache", type=Path, default=CACHE)
    parser.add_argument("--json", action="store_true", help="end with one line of JSON")
    args = parser.parse_args()
    demo_target(args.cache)
    lines: list[dict[str, Any]] = []
    runs: list[list[dict[str, float]]] = [[] for _ in cases()]
    for _ in range(args.repeats):  # in rounds, so that a slow phase of the host affects all cases
        for case, own in zip(cases(), runs, strict=True):
            with multiprocessing.get_context("spawn").Pool(1) as pool:
                own.append(pool.apply(search, (case, args.threads, args.cache)))
    for case, own in zip(cases(), runs, strict=True):
        best = min(own, key=lambda r: r["seconds"])
        rows = case["identities"] * case["restarts"] * case["steps"]
        each = 1e6 * best["seconds"] / rows
        lines.append({**case, "row_steps": rows, "seconds": round(best["seconds"], 2), "us_each": round(each, 1),
                      "mib": round(best["mib"])})  # fmt: skip
        share = each / lines[0]["us_each"]
        print("  ".join(f"{k} {v}" for k, v in lines[-1].items()), f" {share:.2f} of the smallest's", flush=True)
    if args.json:
        print(json.dumps({"bench": "growth", "cases": lines, "device": f"{platform.machine()} CPU"}))


if __name__ == "__main__":
    main()
