"""Compare what an attack finds in float32 and in bf16, person by person, and time both.

    python -m bench.attacks.precision [--setting lom] [--seeds 0 1 2 ...] [--steps 150] [--json]

Runs the default search on the demo's target and the shipped prior, with four restarts from random
latents. The target, the evaluator and both verifiers assess all restarts. Scores are float32 in
both. On a processor without bf16 units the results are the same, but slow.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from bench.attacks.paired import SHARES, keep, options, paired
from worker.inversion.attacks import SETTINGS, Attack

RESULTS = Path(__file__).resolve().parents[1] / "results" / "precision.jsonl"


def compare(options: dict[str, Any], *, seeds: list[int], identities: int, cache: Path) -> dict[str, Any]:
    """Run these attack options in float32 and in bf16 and compare them with `paired.paired`.

    Returns: the options, the comparison and `speedup`.
    """
    forms = {p: Attack.from_dict({**options, "precision": p}) for p in ("float32", "bf16")}
    found = paired(forms, seeds=seeds, identities=identities, cache=cache)
    return {**options, **found, "speedup": round(found["float32"]["seconds"] / found["bf16"]["seconds"], 2)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--attack", default="gmi")
    parser.add_argument("--setting", default="lom", choices=SETTINGS)
    parser.add_argument("--steps", type=int, default=150)
    parser.add_argument("--restarts", type=int, default=4)
    parser.add_argument("--pool", type=int, default=0, help="latents to choose each start from; 0: a random start")
    args = options(parser, RESULTS, [0, 1, 2])
    search: dict[str, Any] = {"attack": args.attack, "setting": args.setting, "steps": args.steps,
                               "restarts": args.restarts, "micro_batch": 60}  # fmt: skip
    search |= {"pool": args.pool} if args.attack == "gmi" else {}
    found = compare(search, seeds=args.seeds, identities=args.identities, cache=args.cache)
    if keep("precision", found, args):
        return
    print(
        f"{args.attack} {args.setting}, {found['identities']} people, seeds {found['seeds']}, {args.restarts} restarts"
    )
    for name in ("float32", "bf16"):
        print(f"{name:8}", *(f"{s} {found[name][s]:.2%}" for s in SHARES), f"{found[name]['seconds']} s", sep="  ")
    for share, (value, low, high) in found["minus"]["bf16"].items():
        print(f"bf16 - float32, {share:12} {100 * value:+.2f} points [{100 * low:+.2f}, {100 * high:+.2f}]")


if __name__ == "__main__":
    main()
