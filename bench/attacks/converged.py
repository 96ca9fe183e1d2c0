"""What it saves to stop converged rows: the published search on the demo's target, with and without, same seeds.

    python -m bench.attacks.converged [--setting lom] [--tolerance 0.005] [--check-every 100] [--seeds 0 1 2] [--json]

Random networks do not converge, so this takes the demo's trained target and the shipped prior, and all 2,400 steps of
the published search, which is what a stopped row saves of. Judged by the evaluator and by both verifiers, because a
search that stops early must find the same people.
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
"""Of the published search."""
TOLERANCE, CHECK_EVERY = 0.005, 100
"""A row stops that gains less than half a per cent of its loss in a hundred steps."""
RESULTS = Path(__file__).resolve().parents[1] / "results" / "converged.jsonl"


def compare(
    *, setting: str, tolerance: float, check_every: int, steps: int, seeds: list[int], identities: int, cache: Path,
    precision: Precision = "float32",
) -> dict[str, Any]:  # fmt: skip
    """Both searches of every seed, as `paired.paired` gives them.

    Returns: besides, `share` of the row-steps run and `speedup` in seconds of the search.
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
