"""Compare the time that one and two workers take for the attack of an audit.

    python -m bench.cost.workers [--identities 80] [--effort quick] [--setting lomma] [--epochs 8]
        [--json] [--record]

Starts the service with workers of one thread, uploads a model like the demo's, and attacks it with
the prior shipped for its public images: first with the service's worker, then with another beside
it.
Measured is the stage `attack`, from the start of its first shard to the end of its last one. Then
the audits are cancelled. Where other programs use the processors too, two workers wait for them
more than one does. The ratio of processor seconds is then about what two free cores would give.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.cost.processor_time import tree_seconds
from bench.serving import Service, serving, wait_until
from bench.truth.service import RIGHTS, Desk
from worker.demo.prepare import prepare

RESULTS = Path(__file__).resolve().parents[1] / "results" / "workers.jsonl"
WANTED = 1.8
PATIENCE = 3600.0
ENDED = {"succeeded", "failed", "cancelled"}


@contextmanager
def beside(service: Service, folder: Path) -> Iterator[int]:
    """Run a second worker for stages, as `exhume up` runs the first. Yield its process id."""
    variables = Path(f"/proc/{service.pids['worker']}/environ").read_bytes().split(b"\0")
    environment = dict(one.split(b"=", 1) for one in variables if b"=" in one)
    command = [sys.executable, "-P", "-m", "worker", "--queues", "exhume", "--hostname", "second@%h"]
    with (folder / "logs" / "second.log").open("wb") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=subprocess.STDOUT)
    try:
        wait_until(lambda: b"ready" in (folder / "logs" / "second.log").read_bytes())
        yield process.pid
    finally:
        process.terminate()
        process.wait(60)


def attacked(desk: Desk, body: dict[str, Any], workers: list[int]) -> dict[str, Any]:
    """Start an audit, cancel it after its attack, and return what that stage took."""
    client = desk.client
    audit = client.post(f"/projects/{desk.project}/audits", body)["id"]
    jobs = list[dict[str, Any]]()
    before, end = list[float](), time.monotonic() + PATIENCE
    while time.monotonic() < end:
        jobs = [job for job in client.items(f"/audits/{audit}/jobs") if job["stage"] == "attack"]
        if not before and any(job["started_at"] for job in jobs):
            before = [tree_seconds(one) for one in workers]
        if all(job["state"] in ENDED for job in jobs):
            break
        time.sleep(0.25)
    used = [tree_seconds(one) - start for one, start in zip(workers, before, strict=True)]
    if any(job["state"] != "succeeded" for job in jobs):
        raise SystemExit(f"the attack did not succeed: {[job['problem'] for job in jobs if job['problem']][:1]}")
    client.post(f"/audits/{audit}/cancel", {})
    wait_until(lambda: client.get(f"/audits/{audit}")["state"] in ENDED)
    return {**figures(jobs), "processor_seconds": [round(one, 1) for one in used]}


def figures(jobs: list[dict[str, Any]]) -> dict[str, Any]:
    """Return seconds of the stage and of its shards, and the shards of each worker.

    `pauses`: mean seconds between two shards of a worker.
    """
    ran: dict[str, list[tuple[float, float]]] = {}
    for job in jobs:
        begin, end = (datetime.fromisoformat(job[name]).timestamp() for name in ("started_at", "finished_at"))
        ran.setdefault(str(job["worker"]), []).append((begin, end))
    spans = [span for found in ran.values() for span in found]
    pauses = [later[0] - earlier[1] for found in ran.values() for earlier, later in itertools.pairwise(sorted(found))]
    return {
        "seconds": round(max(end for _, end in spans) - min(begin for begin, _ in spans), 2),
        "shard_seconds": [round(end - begin, 2) for begin, end in sorted(spans)],
        "shards_of_each": sorted((len(found) for found in ran.values()), reverse=True),
        "pauses": round(sum(pauses) / max(1, len(pauses)), 3),
        "late_seconds": round(max(found[0][0] for found in map(sorted, ran.values())) - min(spans)[0], 2),
    }


def measure(options: argparse.Namespace) -> dict[str, Any]:
    """Run both audits. Return their figures and the ratio."""
    with tempfile.TemporaryDirectory(prefix="exhume-workers-") as name:
        folder = Path(name)
        described = prepare(folder, epochs=options.epochs)
        with serving(folder, {"OMP_NUM_THREADS": "1"}) as service:
            desk = Desk(service.client, folder)
            fields = ("architecture", "hyperparameters", "convention", "classes", "classes_are")
            announced = {"version": "1", **{name: described[name] for name in fields}}
            made = service.client.post(f"/targets/{desk.target}/releases", announced)
            body = {
                "release_id": desk.sent(f"/releases/{made['id']}", folder / "model.safetensors")["id"],
                "public_dataset_id": desk.set_of("public", "public"),
                **{"rights": RIGHTS, "attack": "gmi", "setting": options.setting, "prior": "trained"},
                **{"identities": options.identities, "effort": options.effort},
            }
            attacked(desk, body | {"identities": 1}, [])  # what both then find made
            one = attacked(desk, body | {"seed": 1}, [service.pids["worker"]])
            with beside(service, folder) as second:
                two = attacked(desk, body | {"seed": 1}, [service.pids["worker"], second])
    return {
        **{"bench": "workers", "identities": options.identities, "effort": options.effort, "setting": options.setting},
        "ratio": round(one["seconds"] / two["seconds"], 3),
        "processor_ratio": round(max(one["processor_seconds"]) / max(two["processor_seconds"]), 3),
        **{"one": one, "two": two},
        **{"cores": os.cpu_count(), "load": os.getloadavg()[0], "python": platform.python_version()},
    }


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--identities", type=int, default=80, help="of the 90; ten are a shard")
    parser.add_argument("--effort", default="quick")
    parser.add_argument("--setting", default="lomma")
    parser.add_argument("--epochs", type=int, default=8, help="of the training of the target")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--record", action="store_true", help=f"append it to {RESULTS.name}")
    options = parser.parse_args()
    found = measure(options) | {"at": datetime.now(UTC).isoformat(timespec="seconds")}
    if options.record:
        with RESULTS.open("a") as file:
            file.write(json.dumps(found) + "\n")
    print(json.dumps(found) if options.json else "\n".join(f"{name:12} {value}" for name, value in found.items()))
    sys.exit(found["ratio"] < WANTED)


if __name__ == "__main__":
    main()
