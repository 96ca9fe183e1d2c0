"""Measure time and peak memory of the statistics at full size.

    python -m bench.cost.bootstrap_cost

Uses 1,000 identities, 4 attacks, 3 controls and 10,000 resamples. Prints one JSON line. Runs in a
separate process: the peak includes the interpreter and the imports.
"""

from __future__ import annotations

import json
import time
from pathlib import Path

import numpy as np

from worker.evaluation.risk import risk


def main() -> None:
    rng = np.random.default_rng(0)
    attacks = {f"attack {i}": (rng.random(1000) < 0.3).astype(float) for i in range(4)}
    controls = {f"control {i}": (rng.random(1000) < 0.05).astype(float) for i in range(3)}
    start = time.perf_counter()
    risk(attacks, controls, resamples=10_000)
    seconds = time.perf_counter() - start
    status = Path("/proc/self/status").read_text()  # not getrusage, which reports the peak of the parent process
    peak = int(status.split("VmHWM:")[1].split()[0]) // 1024
    print(json.dumps({"seconds": round(seconds, 3), "megabytes": peak}))


if __name__ == "__main__":
    main()
