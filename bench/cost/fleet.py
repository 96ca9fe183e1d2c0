"""Simulate a fleet of workers: claims, leases, renewals, the reaper and the dispatcher are real.

    python -m bench.cost.fleet [--workers 1000] [--shard-seconds 30] [--minutes 2] [--speed 1]
        [--deaths 0.05] [--audits 20] [--processes N] [--json] [--record]

Starts the service with `exhume up`, stops its own workers, and lets simulated ones do the jobs of
audits with many shards. A share of the workers dies in an hour. At the end, every job must be
written once. `--speed 10` runs ten times as fast, with a tenth of the lease. Claims are measured
while all workers are busy. The scheduler is the dispatcher: its processor time is measured.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import signal
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg

from bench.cost import fleet_rows
from bench.cost.fleet_processes import Fleets, shares
from bench.cost.fleet_workers import Counts, Habits
from bench.cost.processor_time import children, used_seconds
from bench.serving import Service, serving

RESULTS = Path(__file__).parents[1] / "results" / "fleet.jsonl"
LEASE, HEARTBEAT, REAPER = 60.0, 15.0, 3.0
PROJECTS = 4


def with_children(pid: int) -> float:
    """Return the processor time of a process and of its children."""
    return used_seconds(pid) + sum(map(used_seconds, children(pid)))


@contextmanager
def without_workers(service: Service) -> Iterator[None]:
    """Stop the service's own workers for the length of the block."""
    pids = [pid for name, pid in service.pids.items() if name.startswith(("worker", "checker"))]
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)


def measure(arguments: argparse.Namespace) -> dict[str, Any]:
    """Run the service and the fleet. Return the figures."""
    speed = arguments.speed
    habits = Habits(arguments.shard_seconds / speed, LEASE / speed, arguments.deaths * speed, 10 / speed)
    shards = round(arguments.workers * 60 * arguments.minutes / habits.shard_seconds / arguments.audits)
    variables = {
        **{"EXHUME_LEASE_SECONDS": str(LEASE / speed), "EXHUME_HEARTBEAT_SECONDS": str(HEARTBEAT / speed)},
        **{"EXHUME_REAPER_SECONDS": str(REAPER / speed), "EXHUME_MAX_RUNNING_JOBS": str(10 * arguments.workers)},
    }
    with tempfile.TemporaryDirectory(prefix="exhume-bench-") as name, serving(Path(name), variables) as service:
        state = json.loads((Path(name) / "run" / "up.json").read_text())
        url, broker = state["database_url"], state["redis_url"]
        os.environ |= variables | {"EXHUME_DATA_DIR": name, "DATABASE_URL": url, "REDIS_URL": broker}
        with without_workers(service), psycopg.connect(url, autocommit=True) as database:
            projects = [
                service.client.post("/projects", {"name": f"fleet {number}"})["id"] for number in range(PROJECTS)
            ]
            ids = [UUID(hex=one.partition("_")[2]) for one in projects]
            fleet_rows.add_audits(database, ids, audits=arguments.audits, shards=shards)
            sqlalchemy_url = url.replace("postgresql://", "postgresql+psycopg://")
            scheduler, server = service.pids["scheduler"], service.pids["postgres"]
            fleet = Fleets(
                shares(arguments.workers, arguments.processes, habits, sqlalchemy_url, broker, arguments.seed)
            )
            before = [used_seconds(scheduler), with_children(server), 0.0]
            transactions = fleet_rows.transactions(database)
            began = time.monotonic()
            fleet.start(began)
            drained = run(database, began, 180 * arguments.minutes + 20 * habits.lease_seconds)
            fleet.end()
            seconds = time.monotonic() - began
            after = [used_seconds(scheduler), with_children(server), fleet.processor_seconds]
            used = [round((end - start) / seconds, 3) for start, end in zip(before, after, strict=True)]
            transactions = fleet_rows.transactions(database) - transactions
            found = fleet_rows.ended(database)
    return {
        **{"bench": "fleet", "workers": arguments.workers, "processes": arguments.processes},
        **{"shard_seconds": arguments.shard_seconds, "speed": speed, "deaths_per_hour": arguments.deaths},
        **{"audits": arguments.audits, "shards": shards, "seconds": round(seconds, 1), "jobs": found.jobs},
        **{"lost": found.lost, "doubled": found.doubled, "unfinished_audits": found.unfinished_audits},
        **{"attempts": found.attempts, **figures(fleet.counts, drained, habits)},
        **dict(zip(("dispatcher_share", "database_cores", "workers_cores"), used, strict=True)),
        "transactions_per_second": round(transactions / seconds, 1),
        "database_ms_per_job": round(1000 * used[1] * seconds / max(1, len(fleet.counts.claims)), 1),
        **{"cores": os.cpu_count(), "load": os.getloadavg()[0], "python": platform.python_version()},
    }


def run(database: fleet_rows.Database, began: float, patience: float) -> float:
    """Wait until every job has ended. Return the seconds until the queue was empty."""
    drained = 0.0
    while left := fleet_rows.unfinished(database):
        if not drained and not fleet_rows.queued(database):
            drained = time.monotonic() - began
        if time.monotonic() - began > patience:
            print(f"{left} jobs have not ended", file=sys.stderr)
            break
        time.sleep(1)
    return drained


def figures(counts: Counts, drained: float, habits: Habits) -> dict[str, Any]:
    """Return the rate and the milliseconds of claims while all workers were busy."""
    first = 1.5 * habits.shard_seconds  # until then the workers start, all at once
    steady = [took for at, took in counts.claims if first <= at < drained]
    starts = [took for at, took in counts.starts if first <= at < drained]
    start = [at for at, _ in counts.claims if at < first]
    cuts = statistics.quantiles(steady, n=100) if len(steady) > 1 else [0.0] * 99
    return {
        "claims_per_second": round(len(steady) / max(1e-9, drained - first), 1),
        **{"p50_ms": round(cuts[49], 1), "p99_ms": round(cuts[98], 1), "longest_ms": round(max(steady, default=0), 1)},
        "start_p99_ms": round(statistics.quantiles(starts, n=100)[98], 1) if len(starts) > 1 else 0.0,
        "claims_per_second_at_the_start": round(len(start) / max(start, default=1.0), 1),
        **{"claims": len(counts.claims), "in_vain": counts.in_vain, "beats": counts.beats, "checks": counts.checks},
        **{"killed": counts.killed, "stopped": counts.stopped, "late_writes": counts.late_writes},
        "latest_seconds": round(counts.latest_seconds, 2),
        "behind": counts.latest_seconds > habits.lease_seconds / 4,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--workers", type=int, default=1000)
    parser.add_argument("--shard-seconds", type=float, default=30.0)
    parser.add_argument("--minutes", type=float, default=2.0, help="of the run, after which the queue is empty")
    parser.add_argument("--speed", type=float, default=1.0)
    parser.add_argument("--deaths", type=float, default=0.05, help="share of the workers that dies in an hour")
    parser.add_argument("--audits", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--processes", type=int, default=8, help="that share the workers")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--record", action="store_true", help=f"append to {RESULTS.name}")
    arguments = parser.parse_args()
    found = measure(arguments) | {"at": datetime.now(UTC).isoformat(timespec="seconds")}
    if found["behind"]:
        print(
            f"The simulator did something {found['latest_seconds']} s late, so leases expired that real workers would "
            "have renewed. Use fewer --workers or more cores. This run is not recorded.",
            file=sys.stderr,
        )
    elif arguments.record:
        with RESULTS.open("a") as file:
            file.write(json.dumps(found) + "\n")
    print(json.dumps(found) if arguments.json else "\n".join(f"{name:20} {value}" for name, value in found.items()))
    sys.exit(1 if found["lost"] or found["doubled"] or found["unfinished_audits"] or found["behind"] else 0)


if __name__ == "__main__":
    main()
