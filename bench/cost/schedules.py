"""Let 10,000 schedules be due in the same minute, with two schedulers, and kill the active one.

    python -m bench.cost.schedules [--schedules 10000] [--json]

Starts the service with `exhume up` in a temporary folder, and a second scheduler beside it. When
the first runs are recorded, the active scheduler is killed. Counts the recorded runs: each
schedule must have exactly one, for the due time. Then waits until every run is decided. The target
has no release, so that each run is skipped.
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
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg

from bench.serving import Service, serving, wait_until

RIGHTS = {"declared_by": "Benchmark", "statement": "Nothing is audited in this run."}
COPY = """
INSERT INTO schedule
  (project_id, target_id, name, cron, timezone, audit, repeat_after_days, active, next_at, created_by)
SELECT project_id, target_id, name || n, cron, timezone, audit, repeat_after_days, active, next_at, created_by
FROM schedule, generate_series(2, %s) AS n
"""


def prepare(service: Service, database: psycopg.Connection[Any], count: int, due: datetime) -> None:
    """Create `count` schedules that are due at `due`: one by the API, and copies of it."""
    project = service.client.post("/projects", {"name": "bench"})["id"]
    target = service.client.post(f"/projects/{project}/targets", {"name": "t"})["id"]
    dataset = service.client.post(f"/projects/{project}/datasets", {"name": "p", "role": "public"})["id"]
    body = {
        "name": "s",
        "target_id": target,
        "cron": f"{due.minute} {due.hour} * * *",
        "audit": {"public_dataset_id": dataset, "rights": RIGHTS},
    }
    made = service.client.post(f"/projects/{project}/schedules", body)
    assert datetime.fromisoformat(made["next_at"]) == due, made
    database.execute(COPY, [count])


def counted(database: psycopg.Connection[Any], condition: str = "true") -> int:
    """Return the number of runs that satisfy a condition."""
    found = database.execute(f"SELECT count(*) FROM schedule_run WHERE {condition}".encode()).fetchone()
    assert found is not None
    return int(found[0])


def measure(count: int) -> dict[str, Any]:
    """Run the service and return the figures."""
    with tempfile.TemporaryDirectory(prefix="exhume-bench-") as name, serving(Path(name)) as service:
        state = json.loads((Path(name) / "run" / "up.json").read_text())
        environment = os.environ | {
            "EXHUME_DATA_DIR": name,
            "DATABASE_URL": state["database_url"],
            "REDIS_URL": state["redis_url"],
        }
        second = subprocess.Popen(
            [sys.executable, "-P", "-m", "app.cli.processes.scheduler"], env=environment, stderr=subprocess.DEVNULL
        )
        try:
            with psycopg.connect(state["database_url"], autocommit=True) as database:
                return watch(service, database, count)
        finally:
            second.terminate()
            second.wait(30)


def watch(service: Service, database: psycopg.Connection[Any], count: int) -> dict[str, Any]:
    """Kill the active scheduler while it records, and wait for all runs."""
    now = datetime.now(UTC)
    due = (now + timedelta(seconds=75)).replace(second=0, microsecond=0)
    prepare(service, database, count, due)
    time.sleep(max(0.0, (due - datetime.now(UTC)).total_seconds()))
    wait_until(lambda: counted(database) > 0)
    os.kill(service.pids["scheduler"], signal.SIGKILL)
    at_kill = counted(database)
    wait_until(lambda: counted(database) >= count, seconds=300)
    recorded = (datetime.now(UTC) - due).total_seconds()
    wait_until(lambda: counted(database, "state = 'due'") == 0, seconds=900)
    decided = (datetime.now(UTC) - due).total_seconds()
    once = database.execute(
        "SELECT count(*), count(DISTINCT schedule_id), count(DISTINCT due_at) FROM schedule_run"
    ).fetchone()
    return {
        "schedules": count,
        "recorded_at_kill": at_kill,
        "seconds_recorded": round(recorded, 1),
        "seconds_decided": round(decided, 1),
        "runs": once[0] if once else None,
        "schedules_with_a_run": once[1] if once else None,
        "due_times": once[2] if once else None,
        "load": os.getloadavg()[0],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--schedules", type=int, default=10_000)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    found = measure(arguments.schedules)
    if arguments.json:
        print(json.dumps(found))
        return
    for name, value in found.items():
        print(f"{name:24} {value}")
    assert found["runs"] == found["schedules_with_a_run"] == found["schedules"], "a run was lost or doubled"


if __name__ == "__main__":
    main()
