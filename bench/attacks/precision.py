"""Does bf16 change what an attack finds? The same searches in both precisions, compared person by person, and timed.

    python -m bench.attacks.precision [--setting lom] [--seeds 0 1 2 ...] [--steps 150] [--json]

The default search on the demo's target and the shipped prior from random starts, four restarts, all of which are
judged by the target, the evaluator and both verifiers; scores are float32 in both. Where a processor has no bf16 units
the answer is the same, slowly.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from bench.attacks.paired import SHARES, keep, options, paired
from worker.inversion.attacks import SETTINGS, Attack

RESULTS = Path(__file__).resolve().parents[1] / "results" / "precision.jsonl"


def compare(options: dict[str, Any], *, seeds: list[int], identities: int, cache: Path) -> dict[str, Any]:
    """The search of these attack options in float32 and in bf16, as `paired.paired` gives them, and `speedup`."""
    forms = {p: Attack.from_dict({**options, "precision": p}) for p in ("float32", "bf16")}
    found = paired(forms, seeds=seeds, identities=identities, cache=cache)
    return {**options, **found, "speedup": round(found["float32"]["seconds"] / found["bf16"]["seconds"], 2)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--attack", default="gmi")
    parser.add_argument("--setting", default="lom", choices=SETTINGS)
    parser.add_argument("--steps", type=int, default=150)
    parser.add_argument("--restarts", type=int, default=4)
    parser.add_argument("--pool", type=int, default=0, help="latents that a start is the best of; 0: a random one")
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
