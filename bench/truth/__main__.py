"""Audit models with a known truth as a user would, and count wrong verdicts.

    python -m bench.truth [--json] [--record] [--only 90 sigmoid ...] \\
        [--effort quick] [--setting baseline]

Every release of {right order, string order, shuffled, one pair swapped} x {logits, softmax,
sigmoid} x {right normalisation, pixels from 0 to 255} x {2, 10, 90 classes} is exported to ONNX,
uploaded, checked and audited by a service that this command starts. No wrong verdict is allowed:

* All these models leak. With a correct description a model must never PASS, and must FAIL with 90
  classes.
* A wrong description must be detected before compute is spent, or end INCONCLUSIVE with the true
  reason.
* A null model, trained on other characters, must neither PASS nor FAIL.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from bench.attacks.cells import stamp
from bench.serving import serving
from bench.truth.grid import Cell, grid, outcome_of
from bench.truth.service import Desk

RESULTS = Path(__file__).resolve().parents[1] / "results" / "truth.jsonl"


def wanted(cell: Cell, only: list[str]) -> bool:
    """Return whether the name of the cell contains all of these words."""
    words = cell.name.replace(",", "").split()
    return all(word in words for word in only)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", default=[], help="words that the name of a cell must contain")
    parser.add_argument("--effort", default="quick")
    parser.add_argument("--setting", default="baseline")
    parser.add_argument("--budget", type=float, default=0.1)
    parser.add_argument("--json", action="store_true", help="print the whole line of each cell")
    parser.add_argument("--record", action="store_true", help="append the lines to results/truth.jsonl")
    args = parser.parse_args()
    plan = {"effort": args.effort, "setting": args.setting, "budget": args.budget}
    counts: Counter[str] = Counter()
    with tempfile.TemporaryDirectory(prefix="exhume-truth-") as folder, serving(Path(folder)) as service:
        desk = Desk(service.client, Path(folder))
        for cell in (cell for cell in grid() if wanted(cell, args.only)):
            began = time.perf_counter()
            found = desk.audited(cell, plan)
            outcome = outcome_of(cell, found)
            counts[outcome] += 1
            line = {"bench": "truth", "cell": cell.name, "outcome": outcome, **plan, **found,
                    "seconds": round(time.perf_counter() - began, 1), **stamp()}  # fmt: skip
            if args.record:
                with RESULTS.open("a") as file:
                    file.write(json.dumps(line) + "\n")
            answer = found.get("stopped") or found.get("refused") or found.get("verdict") or found.get("state")
            print(json.dumps(line) if args.json else f"{outcome:<12} {cell.name}: {answer}", flush=True)
    print(", ".join(f"{count} {outcome}" for outcome, count in sorted(counts.items())))
    if counts["WRONG"]:
        sys.exit(f"{counts['WRONG']} of {counts.total()} are wrong")


if __name__ == "__main__":
    main()
