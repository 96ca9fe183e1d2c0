"""Compare two or more forms of one search on the demo's target, person by person.

All forms share seeds and latents.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch

from bench.attacks.cells import Remembering, stamp
from bench.attacks.omniglot import PRIOR, demo_evaluator, demo_students, demo_target, spread
from worker.bundled import omniglot
from worker.evaluation.statistics import mean_difference
from worker.evaluation.verification import verify
from worker.evaluation.verifiers import bundled_verifiers
from worker.inversion.attacks import Attack, run_attack
from worker.inversion.priors import load_prior
from worker.inversion.students import public_features

CACHE = Path(".cache/bench")
SHARES = ("target_top1", "top1", "verified")
"""Shares of reconstructions recognised by the target, by the evaluator and by both verifiers."""


def paired(forms: Mapping[str, Attack], *, seeds: list[int], identities: int, cache: Path = CACHE) -> dict[str, Any]:
    """Run every form with every seed and compare each with the first form.

    All restarts count, not only the selected one, so that selection hides no difference.

    Returns: for each form `SHARES`, `seconds` of its searches and `steps` (mean steps per row).
    Under `minus`, for each other form, its difference from the first in each share as [value, low,
    high], paired by identity, 95 %.
    """
    target, digest = demo_target(cache)
    prior, data, evaluator = load_prior(PRIOR), omniglot.load(), demo_evaluator(cache)
    regular, private = public_features(target, data.public.images), data.private_train
    known = [Remembering(v) for v in bundled_verifiers(prior.shape)]
    people = spread(identities)
    seen: dict[str, list[np.ndarray]] = {name: [] for name in forms}
    seconds, steps = dict.fromkeys(forms, 0.0), {name: list[float]() for name in forms}
    for seed in seeds:
        for name, attack in forms.items():
            students = demo_students(target, digest, seed, cache) if attack.uses_students else []
            start = time.perf_counter()
            found = run_attack(target, students, prior, regular, people, attack, seed=seed)
            seconds[name] += time.perf_counter() - start
            steps[name].append(float(np.mean([r.iterations for r in found])))
            images, labels = np.stack([r.image for r in found]), np.array([r.identity for r in found])
            verified = verify(images, labels, private.images, private.labels, known,
                              reconstructions=images, reconstructed_for=labels).success  # fmt: skip
            top = evaluator.top(images)[:, 0] == labels
            each = np.stack([[r.target_top1 for r in found], top, verified]).astype(float)
            seen[name].append(np.stack([each[:, labels == k].mean(1) for k in people], axis=1))
    share = {name: np.mean(values, axis=0) for name, values in seen.items()}  # (3, identities)
    base = next(iter(forms))
    out: dict[str, Any] = {
        name: dict(zip(SHARES, share[name].mean(1).round(4).tolist(), strict=True))
        | {"seconds": round(seconds[name], 3), "steps": round(float(np.mean(steps[name])), 1)}
        for name in forms
    }
    minus = {
        name: {s: difference(share[name][i], share[base][i]) for i, s in enumerate(SHARES)}
        for name in forms if name != base
    }  # fmt: skip
    return {"identities": len(people), "seeds": seeds, "threads": torch.get_num_threads(), **out, "minus": minus}


def options(parser: argparse.ArgumentParser, out: Path, seeds: list[int]) -> argparse.Namespace:
    """Add the options that all comparisons share, parse, and set the number of threads."""
    parser.add_argument("--identities", type=int, default=90)
    parser.add_argument("--seeds", type=int, nargs="+", default=seeds)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--cache", type=Path, default=CACHE)
    parser.add_argument("--out", type=Path, default=out)
    parser.add_argument("--json", action="store_true", help="one line of JSON")
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    return args


def keep(bench: str, found: dict[str, Any], args: argparse.Namespace) -> bool:
    """Append the comparison to the recorded ones. Print it and return True with `--json`."""
    with args.out.open("a") as file:
        file.write(json.dumps({"bench": bench, **found, **stamp()}) + "\n")
    if args.json:
        print(json.dumps(found))
    return bool(args.json)


def difference(a: np.ndarray, b: np.ndarray) -> list[float]:
    """Return [mean of a - b, low, high], paired by identity."""
    d = mean_difference(a, b)
    return [round(float(x), 4) for x in (d.value, d.low, d.high)]
