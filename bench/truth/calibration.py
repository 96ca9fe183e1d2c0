"""Check the statistics on simulated audits with a known truth, and measure their cost.

    python -m bench.truth.calibration [--json] [--audits 1000] [--resamples 1000]

Prints one line per check and, with --json, a last line of JSON:

* `coverage` of the 95 % interval of R by p, without and with verifier error;
* `null_fail_rate` of models that leak nothing;
* `found_precision` and `found_recall` of the named exposures of a model that memorised 30 %;
* `adversarial_verified` of images that fool target and evaluator;
* `bootstrap_seconds` and `bootstrap_megabytes` of the statistics for 1,000 identities, 4 attacks
  and 10,000 resamples, measured in a separate process.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from typing import Any

import numpy as np

from bench.truth.adversarial import adversarial
from worker.evaluation.risk import risk
from worker.evaluation.simulation import Truth, memorising, simulate
from worker.evaluation.verdict import verdict

IDENTITIES = 100


def coverage(p: float, sensitivity: float | None, *, audits: int, resamples: int) -> dict[str, float]:
    """Return how often the two-sided interval and each one-sided bound contain the true R."""
    truth = Truth(p, sensitivity=sensitivity)
    held = np.zeros(3)
    for seed in range(audits):
        audit = simulate(truth, identities=IDENTITIES, rng=np.random.default_rng([seed, round(100 * p)]))
        controls = {"prior": audit.control, "permuted": audit.permuted} if sensitivity else {"prior": audit.control}
        found = risk({"gmi": audit.success}, controls, error=audit.error, resamples=resamples, seed=seed)
        held += (found.R.low <= truth.R <= found.R.high, found.lower <= truth.R, found.upper >= truth.R)
    two_sided, lower, upper = (held / audits).tolist()
    return {"interval": two_sided, "lower": lower, "upper": upper}


def null_fail_rate(*, audits: int, attacks: int, rate: float, resamples: int) -> float:
    """Return the share of FAIL when every attack succeeds by chance as often as two controls."""
    fails = 0
    for seed in range(audits):
        rng = np.random.default_rng([seed, attacks])
        luck = [(rng.random(IDENTITIES) < rate).astype(float) for _ in range(attacks + 2)]
        measured = risk(
            {f"attack {i}": s for i, s in enumerate(luck[:attacks])},
            {"prior": luck[-2], "nearest-public": luck[-1]},
            resamples=resamples,
            seed=seed,
        )
        fails += verdict(measured, evidence="verified", power=0.9, contamination_clean=True).answer == "FAIL"
    return fails / audits


def found(share: float, *, audits: int) -> tuple[float, float]:
    """Return precision and recall of the named exposures."""
    right = named = memorised = 0
    for seed in range(audits):
        model = memorising(share, identities=IDENTITIES, rng=np.random.default_rng(seed))
        right += int((model.found.named & model.memorised).sum())
        named += int(model.found.named.sum())
        memorised += int(model.memorised.sum())
    return right / max(named, 1), right / max(memorised, 1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--audits", type=int, default=1000)
    parser.add_argument("--resamples", type=int, default=1000)
    parser.add_argument("--json", action="store_true", help="print all figures as one last JSON line")
    args = parser.parse_args()
    out: dict[str, Any] = {"bench": "calibration", "audits": args.audits, "identities": IDENTITIES}
    out["coverage"], out["coverage_with_verifier_error"], out["bounds"] = {}, {}, {}
    for p in (0.05, 0.2, 0.5, 0.9):
        for name, sensitivity in (("coverage", None), ("coverage_with_verifier_error", 0.87)):
            held = coverage(p, sensitivity, audits=args.audits, resamples=args.resamples)
            out[name][str(p)] = held["interval"]
            out["bounds"][f"{p} {'with' if sensitivity else 'without'} error"] = [held["lower"], held["upper"]]
            print(f"p = {p}, sensitivity {sensitivity or 1.0}: the 95 % interval holds R in {held['interval']:.1%},",
                  f"the bounds in {held['lower']:.1%} and {held['upper']:.1%}", flush=True)  # fmt: skip
    rates = {n: null_fail_rate(audits=200, attacks=n, rate=0.08, resamples=args.resamples) for n in (1, 4)}
    out["null_fail_rate"], out["null_fail_rate_one_attack"] = rates[4], rates[1]
    print(f"a model that knows nothing fails in {rates[1]:.1%} with one attack, {rates[4]:.1%} with four", flush=True)
    out["found_precision"], out["found_recall"] = found(0.3, audits=50)
    print(
        f"named of 30 % memorised: precision {out['found_precision']:.1%}, recall {out['found_recall']:.1%}", flush=True
    )
    out["adversarial_evaluator"], out["adversarial_verified"] = adversarial()
    print(
        f"pixels that fool target and evaluator: evaluator {out['adversarial_evaluator']:.1%}, "
        f"verified {out['adversarial_verified']:.1%}",
        flush=True,
    )
    run = subprocess.run(
        [sys.executable, "-m", "bench.cost.bootstrap_cost"], capture_output=True, text=True, check=True
    )
    spent = json.loads(run.stdout)
    out["bootstrap_seconds"], out["bootstrap_megabytes"] = spent["seconds"], spent["megabytes"]
    print(f"1,000 identities, 4 attacks, 10,000 resamples: {spent['seconds']} s, {spent['megabytes']} MB", flush=True)
    if args.json:
        print(json.dumps(out))


if __name__ == "__main__":
    main()
