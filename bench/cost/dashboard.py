"""Measure in Chromium how fast the list of audits appears and answers, at a company's size.

    python -m bench.cost.dashboard [--audits 10000] [--loads 10] [--json] [--record]

A browser signs in and opens the list again and again. `paint` is the first paint with content,
`rows` the time until the rows are there. Then it loads more rows, sorts, types into the filters
and walks the navigation. `interaction` is the time from an input to the next frame, as the browser
counts it. Needs the built dashboard, its packages (`make setup`) and Chromium (EXHUME_CHROMIUM).
Exit code 1 when a limit is missed: 1,000 ms for a paint and 100 ms for an interaction, both at the
95th percentile.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from bench.cost import load_rows
from bench.serving import serving

RESULTS = Path(__file__).parents[1] / "results" / "dashboard.jsonl"
SCRIPT = Path(__file__).with_name("dashboard_browser.mjs")
LIMITS = {"paint": 1000.0, "interaction": 100.0}
"""Milliseconds at the 95th percentile."""


def percentile(values: list[float], share: float) -> float:
    """Return the smallest value that this share of values does not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, -int(-share * len(ordered) // 1) - 1))]


def measure(audits: int, loads: int) -> dict[str, Any]:
    """Start a service with this many audits, and measure it in a browser."""
    with tempfile.TemporaryDirectory(prefix="exhume-dashboard-") as folder, serving(Path(folder)) as service:
        database = json.loads((Path(folder) / "run" / "up.json").read_text())["database_url"]
        seeded = load_rows.seed(service.client, database, audits, audits)
        command = ["node", str(SCRIPT), service.client.url, service.key, seeded.project, str(loads)]
        ended = subprocess.run(command, check=True, capture_output=True, text=True, timeout=600)
    seen = json.loads(ended.stdout.splitlines()[-1])
    row: dict[str, Any] = {"bench": "dashboard", "audits": audits, "loads": loads}
    for name, key in (("paint", "paints"), ("rows", "rows"), ("interaction", "interactions")):
        values = seen[key]
        row[name] = {f"p{share}_ms": round(percentile(values, share / 100), 1) for share in (50, 95)} | {
            "n": len(values)
        }
    return row


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--audits", type=int, default=10_000)
    parser.add_argument("--loads", type=int, default=10)
    parser.add_argument("--json", action="store_true", help="end with one line of JSON")
    parser.add_argument("--record", action="store_true", help=f"append the line to {RESULTS.name}")
    args = parser.parse_args()
    row = measure(args.audits, args.loads)
    for name in ("paint", "rows", "interaction"):
        print(f"{name}: " + ", ".join(f"{figure} {value}" for figure, value in row[name].items()))
    if args.record:
        with RESULTS.open("a") as file:
            file.write(json.dumps(row) + "\n")
    if args.json:
        print(json.dumps(row))
    sys.exit(any(row[name]["p95_ms"] > limit for name, limit in LIMITS.items()))


if __name__ == "__main__":
    main()
