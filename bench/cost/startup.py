"""Measure the time from `exhume up` to a ready `/readyz`, and the memory of the API process.

    python -m bench.cost.startup [--starts 4] [--json]

The first start creates a database. Later starts reuse the folder. All data lives in a temporary
folder.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import httpx

from bench.serving import resident_mib


def start(folder: Path) -> dict[str, float]:
    """Start and stop the service once.

    Returns: seconds to the printed address, to /readyz and to the end of the stop, and the API's
    memory in MiB.
    """
    environment = {name: value for name, value in os.environ.items() if not name.startswith("EXHUME_")}
    environment |= {"EXHUME_DATA_DIR": str(folder), "EXHUME_PORT": "0"}
    began = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "app.cli", "up"], env=environment, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    try:
        if not process.stdout.readline():
            raise SystemExit(f"`exhume up` ended with {process.wait(30)}")
        printed = time.monotonic() - began
        state: dict[str, Any] = json.loads((folder / "run" / "up.json").read_text())
        while httpx.get(f"{state['url']}/readyz", trust_env=False).status_code != 200:
            time.sleep(0.02)
        ready = time.monotonic() - began
        for _ in range(20):
            httpx.get(f"{state['url']}/readyz", trust_env=False).raise_for_status()
        memory = resident_mib(state["pids"]["api"])
        stopping = time.monotonic()
        process.send_signal(signal.SIGINT)
        process.wait(60)
    finally:
        process.kill()
    return {"printed": printed, "ready": ready, "stop": time.monotonic() - stopping, "api_mib": memory}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--starts", type=int, default=4)
    parser.add_argument("--json", action="store_true", help="end with one line of JSON")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="exhume-startup-") as folder:
        rows = [start(Path(folder)) for _ in range(args.starts)]
    for number, row in enumerate(rows, 1):
        print(f"start {number}: " + ", ".join(f"{name} {value:.2f}" for name, value in row.items()), flush=True)
    if args.json:
        later = [row["ready"] for row in rows[1:]]
        print(
            json.dumps({"first": rows[0]["ready"], "later_max": max(later), "api_mib": max(r["api_mib"] for r in rows)})
        )


if __name__ == "__main__":
    main()
