"""Measure what stopping converged rows saves in the published search on the demo's target.

    python -m bench.attacks.converged [--setting lom] [--tolerance 0.005] \\
        [--check-every 100] [--seeds 0 1 2] [--json]

Runs the search with and without early stopping, with the same seeds. Random networks do not
converge, so it uses the demo's trained target, the shipped prior and all 2,400 steps of the
published search. The evaluator and both verifiers check that the search with early stopping finds
the same people.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from bench.attacks.paired import keep, options, paired
from worker.inversion.acceleration import Precision
from worker.inversion.attacks import Gmi
from worker.inversion.attacks.gmi import PUBLISHED

STEPS = 2_400
"""Number of steps of the published search."""
TOLERANCE, CHECK_EVERY = 0.005, 100
"""A row stops when 100 steps reduce its loss by less than 0.5 %."""
RESULTS = Path(__file__).resolve().parents[1] / "results" / "converged.jsonl"


def compare(
    *, setting: str, tolerance: float, check_every: int, steps: int, seeds: list[int], identities: int, cache: Path,
    precision: Precision = "float32",
) -> dict[str, Any]:  # fmt: skip
    """Run both searches for every seed and compare them with `paired.paired`.

    Returns: the comparison, `share` of the row-steps that ran, and `speedup` of the search.
    """
    options: dict[str, Any] = {**PUBLISHED, "setting": setting, "steps": steps, "restarts": 1, "micro_batch": 15,
                               "check_every": check_every, "precision": precision}  # fmt: skip
    forms = {"all": Gmi(**options), "stopped": Gmi(**options, tolerance=tolerance)}
    found = paired(forms, seeds=seeds, identities=identities, cache=cache)
    return {
        "setting": setting, "tolerance": tolerance, "check_every": check_every, "of_steps": steps,
        "precision": precision, **found, "share": round(found["stopped"]["steps"] / steps, 4),
        "speedup": round(found["all"]["seconds"] / found["stopped"]["seconds"], 2),
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--setting", default="lom", choices=["baseline", "lom"])
    parser.add_argument("--tolerance", type=float, default=TOLERANCE)
    parser.add_argument("--check-every", type=int, default=CHECK_EVERY)
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--precision", default="float32", choices=["float32", "bf16"])
    args = options(parser, RESULTS, [0])
    found = compare(
        setting=args.setting, tolerance=args.tolerance, check_every=args.check_every, steps=args.steps,
        seeds=args.seeds, identities=args.identities, cache=args.cache, precision=args.precision,
    )  # fmt: skip
    if not keep("converged", found, args):
        for name, value in found.items():
            print(f"{name:20} {value}")


if __name__ == "__main__":
    main()
