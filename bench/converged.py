"""What it saves to stop converged rows: the published search on the demo's target, with and without, same seeds.

    python -m bench.converged [--setting lom] [--tolerance 0.005] [--check-every 100] [--seeds 0 1 2] [--json]

Random networks do not converge, so this takes the demo's trained target and the shipped prior, and all 2,400 steps of
the published search, which is what a stopped row saves of. Judged by the evaluator and by both verifiers, because a
search that stops early must find the same people.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch

from bench.cells import Remembering, stamp
from bench.omniglot import PRIOR, demo_evaluator, demo_target, spread
from worker.demo import omniglot
from worker.evaluation.statistics import mean_difference
from worker.evaluation.verification import verify
from worker.evaluation.verifiers import bundled_verifiers
from worker.inversion.attacks import Gmi, run_attack
from worker.inversion.attacks.gmi import PUBLISHED
from worker.inversion.priors import load_prior
from worker.inversion.students import public_features

STEPS = 2_400
"""Of the published search."""
TOLERANCE, CHECK_EVERY = 0.005, 100
"""A row stops that gains less than half a per cent of its loss in a hundred steps."""
CACHE = Path(".cache/bench")
RESULTS = Path(__file__).resolve().parent / "results" / "converged.jsonl"


def compare(
    *, setting: str, tolerance: float, check_every: int, steps: int, seeds: list[int], identities: int, cache: Path
) -> dict[str, Any]:
    """Both searches of every seed.

    Returns: `share` of the row-steps run, `speedup` in seconds of the search, for `all` and for `stopped` the share of
    identities that target, evaluator and verifiers recognise, and `verified_difference` with its interval.
    """
    target, _ = demo_target(cache)
    prior, data, evaluator = load_prior(PRIOR), omniglot.load(), demo_evaluator(cache)
    regular, verifiers = public_features(target, data.public.images), bundled_verifiers(prior.shape)
    known, private = [Remembering(v) for v in verifiers], data.private_train
    chosen = spread(identities)
    options: dict[str, Any] = {**PUBLISHED, "setting": setting, "steps": steps, "restarts": 1, "micro_batch": 15,
                               "check_every": check_every}  # fmt: skip
    shares: list[float] = []
    out: dict[str, Any] = {"setting": setting, "tolerance": tolerance, "check_every": check_every, "steps": steps,
                           "identities": len(chosen), "seeds": seeds}  # fmt: skip
    success: dict[str, list[np.ndarray]] = {"all": [], "stopped": []}
    seconds: dict[str, float] = dict.fromkeys(success, 0.0)
    seen: dict[str, list[list[float]]] = {name: [] for name in success}
    for seed in seeds:
        for name, limit in (("all", 0.0), ("stopped", tolerance)):
            start = time.perf_counter()
            found = run_attack(target, [], prior, regular, chosen, Gmi(**options, tolerance=limit), seed=seed)
            seconds[name] += time.perf_counter() - start
            images, labels = np.stack([r.image for r in found]), [r.identity for r in found]
            verified = verify(images, labels, private.images, private.labels, known,
                              reconstructions=images, reconstructed_for=labels)  # fmt: skip
            success[name].append(verified.success)
            top = (evaluator.top(images)[:, 0] == np.array(labels)).mean()
            seen[name].append([float(np.mean([r.target_top1 for r in found])), float(top)])
            if name == "stopped":
                shares.append(float(np.mean([r.iterations for r in found])) / steps)
    for name, verified_each in success.items():
        t, e = (round(float(x), 4) for x in np.mean(seen[name], axis=0))
        v = round(float(np.mean(verified_each)), 4)
        out[name] = {"target_top1": t, "top1": e, "verified": v, "seconds": round(seconds[name], 1)}
    d = mean_difference(np.mean(success["stopped"], axis=0), np.mean(success["all"], axis=0))
    return out | {
        "share": round(float(np.mean(shares)), 4),
        "speedup": round(seconds["all"] / seconds["stopped"], 2),
        "verified_difference": [round(d.value, 4), round(d.low, 4), round(d.high, 4)],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--setting", default="lom", choices=["baseline", "lom"])
    parser.add_argument("--tolerance", type=float, default=TOLERANCE)
    parser.add_argument("--check-every", type=int, default=CHECK_EVERY)
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--identities", type=int, default=90)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--cache", type=Path, default=CACHE)
    parser.add_argument("--out", type=Path, default=RESULTS)
    parser.add_argument("--json", action="store_true", help="one line of JSON")
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    found = compare(
        setting=args.setting, tolerance=args.tolerance, check_every=args.check_every, steps=args.steps,
        seeds=args.seeds, identities=args.identities, cache=args.cache,
    )  # fmt: skip
    with args.out.open("a") as file:
        file.write(json.dumps({"bench": "converged", **found, **stamp()}) + "\n")
    if args.json:
        print(json.dumps(found))
    else:
        for name, value in found.items():
            print(f"{name:20} {value}")


if __name__ == "__main__":
    main()
