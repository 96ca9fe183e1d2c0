"""Simulate audits with an early look: how often they err, and how much of the attack they save.

    python -m bench.truth.early_look [--audits 1000] [--identities 74] [--alphas 0.001 0.005 0.01]

Each line is a true risk, verifiers that miss 13 % of real images, and an error rate of the look.
`ends` is the share of audits that end after half of their identities, and `saved` the share of the
attack's steps that this saves. `wrong` is the share with a wrong answer: FAIL where the true R is
at most the budget, or the bound of a PASS where it is at least the budget. `without` is that share
without a look, and `changed` the share whose answer the look changed.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np

from bench.attacks.cells import stamp
from worker.evaluation.risk import risk
from worker.evaluation.simulation import Simulated, Truth, simulate

RESULTS = Path(__file__).resolve().parents[1] / "results" / "early_look.jsonl"
SENSITIVITY, RESAMPLES = 0.87, 2_000
Q = 0.01
"""Share of the control."""


def answer(audit: Simulated, part: np.ndarray, *, budget: float, alpha: float, seed: int) -> str | None:
    """Return the answer of the bounds of R on a part of the identities, or None."""
    controls = {"prior": audit.control[part], "permuted": audit.permuted[part]}
    found = risk({"a": audit.success[part]}, controls, error=audit.error, resamples=RESAMPLES, seed=seed, alpha=alpha)
    return "FAIL" if found.lower > budget else "PASS" if found.upper < budget else None


def simulated(
    R: float,
    *,
    budget: float,
    alphas: list[float],
    identities: int,
    audits: int,
) -> list[dict[str, Any]]:
    """Return the figures of every error rate on the same simulated audits."""
    truth = Truth(R + Q * (1 - R), q=Q, images=1, sensitivity=SENSITIVITY)
    first, everybody = np.arange(-(-identities // 2)), np.arange(identities)
    looked: dict[float, list[str | None]] = {alpha: [] for alpha in alphas}
    whole: list[str | None] = []
    for seed in range(audits):
        audit = simulate(truth, identities=identities, rng=np.random.default_rng([seed, round(1000 * R)]))
        whole.append(answer(audit, everybody, budget=budget, alpha=0.05, seed=seed))
        for alpha in alphas:
            looked[alpha].append(answer(audit, first, budget=budget, alpha=alpha, seed=seed))
    wrong = {"FAIL"} if budget >= truth.R else set()
    wrong |= {"PASS"} if budget <= truth.R else set()
    lines = []
    for alpha, early in looked.items():
        final = [one or other for one, other in zip(early, whole, strict=True)]
        ends = float(np.mean([one is not None for one in early]))
        lines.append(
            {
                "bench": "early_look", "true_R": R, "budget": budget, "identities": identities,
                "alpha": alpha, "audits": audits, "ends": ends,
                "saved": round(ends * (1 - len(first) / identities), 4),
                "wrong": float(np.mean([one in wrong for one in final])),
                "without": float(np.mean([one in wrong for one in whole])),
                "changed": float(np.mean([one != other for one, other in zip(final, whole, strict=True)])),
                **stamp(),
            }
        )  # fmt: skip
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--audits", type=int, default=1000)
    parser.add_argument("--identities", type=int, default=74)
    parser.add_argument("--budget", type=float, default=0.1)
    parser.add_argument("--alphas", type=float, nargs="+", default=[0.001, 0.005, 0.01])
    parser.add_argument("--risks", type=float, nargs="+", default=[0.0, 0.1, 0.2, 0.4, 0.6, 0.9])
    parser.add_argument("--record", action="store_true", help="append the lines to results/early_look.jsonl")
    args = parser.parse_args()
    for R in args.risks:
        for line in simulated(
            R, budget=args.budget, alphas=args.alphas, identities=args.identities, audits=args.audits
        ):
            if args.record:
                with RESULTS.open("a") as file:
                    file.write(json.dumps(line) + "\n")
            print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main()
