"""Compare the time that audits take with the estimates before their start.

    python -m bench.cost.estimates [--only 3] [--busy] [--json] [--record]

Starts a service, and audits small models of its own, one after the other on one worker. Before
each audit, its estimate is read as `exhume audit estimate` does. Measured are the seconds of its
jobs. Later audits may use what earlier ones measured, as in any project. Nine of ten estimates
must be within a factor of two. `--only` takes the first audits of the list.

The estimates are for two idle cores. On a busy machine, `--busy` takes the processor time of the
workers, divided by `USED` cores, in place of the clock. It shortens the times in the database,
from which later estimates learn, in the same way.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from statistics import median
from typing import Any
from uuid import UUID

import psycopg

from bench.attacks.cells import stamp
from bench.cost.processor_time import tree_seconds
from bench.serving import Service, serving
from bench.truth import models
from bench.truth.grid import Cell
from bench.truth.service import RIGHTS, Desk

RESULTS = Path(__file__).resolve().parents[1] / "results" / "estimates.jsonl"
FACTOR, WANTED = 2.0, 0.9
USED = 1.5
"""Cores of two that an audit uses on average on an idle machine: parts of it have one thread."""
GMI = {"attack": "gmi", "setting": "baseline", "prior": "trained", "effort": "quick"}
AUDITS: tuple[tuple[str, int, dict[str, Any]], ...] = (
    ("first", 10, GMI),
    ("again", 10, GMI | {"seed": 1}),
    ("more classes", 90, GMI | {"identities": 20}),
    ("principal components", 10, GMI | {"prior": "pca"}),
    ("another setting", 10, GMI | {"setting": "lom"}),
    ("students", 10, GMI | {"setting": "ma"}),
    ("students again", 10, GMI | {"setting": "lomma", "seed": 2}),
    ("another attack", 10, GMI | {"attack": "miface"}),
    ("early end", 90, GMI | {"stop_early": True}),
    ("standard effort", 10, GMI | {"effort": "standard"}),
)
"""Name, number of classes, and choices of each audit."""


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", type=int, default=len(AUDITS), help="number of audits")
    parser.add_argument("--busy", action="store_true", help="measure the processor time of the workers")
    parser.add_argument("--json", action="store_true", help="print only the last line, one JSON object")
    parser.add_argument("--record", action="store_true", help="append the last line to results/estimates.jsonl")
    options = parser.parse_args()
    found = []
    with tempfile.TemporaryDirectory(prefix="exhume-estimates-") as folder, serving(Path(folder)) as service:
        clock = Busy(service, Path(folder)) if options.busy else Clock()
        for one in measured(Desk(service.client, Path(folder)), AUDITS[: options.only], clock):
            found.append(one)
            if not options.json:
                print(f"{one['estimate']:8.1f} s expected, {one['took']:8.1f} s taken: {one['audit']}", flush=True)
    line = {"bench": "estimates", "busy": options.busy, **summary(found), "audits": found, **stamp()}
    if options.record:
        with RESULTS.open("a") as file:
            file.write(json.dumps(line) + "\n")
    print(json.dumps(line))
    sys.exit(line["share_within"] < WANTED)


class Clock:
    """The time of a job is that of the clock."""

    def begin(self) -> None:
        """Begin with an audit."""

    def end(self, audit: str) -> None:
        """End with it, before its jobs are read."""


class Busy(Clock):
    """The time of a job is what it would have been if its worker had had the machine to itself."""

    def __init__(self, service: Service, folder: Path) -> None:
        self._workers = [pid for name, pid in service.pids.items() if "worker" in name]
        self._database: str = json.loads((folder / "run" / "up.json").read_text())["database_url"]
        self._before = 0.0

    def begin(self) -> None:
        self._before = sum(map(tree_seconds, self._workers))

    def end(self, audit: str) -> None:
        used = (sum(map(tree_seconds, self._workers)) - self._before) / USED
        key = str(UUID(audit.removeprefix("aud_")))
        with psycopg.connect(self._database.replace("+psycopg", "")) as database:
            (took,) = database.execute(TOOK, {"audit": key}).fetchone() or (0.0,)
            database.execute(SHORTEN, {"audit": key, "share": used / float(took)})


TOOK = "SELECT extract(epoch FROM sum(finished_at - started_at)) FROM job WHERE audit_id = %(audit)s"
SHORTEN = (
    "UPDATE job SET finished_at = started_at + (finished_at - started_at) * %(share)s::float8"
    " WHERE audit_id = %(audit)s AND finished_at IS NOT NULL"
)


def measured(desk: Desk, audits: tuple[tuple[str, int, dict[str, Any]], ...], clock: Clock) -> Iterator[dict[str, Any]]:
    """Estimate and run each audit."""
    releases: dict[int, str] = {}
    for name, classes, plan in audits:
        cell = Cell(classes)
        models.write_sets(desk.folder, classes)
        if classes not in releases:
            file = desk.folder / "model.onnx"
            models.export(cell, file)
            announced = {"version": cell.name, **models.description(cell)}
            made = desk.client.post(f"/targets/{desk.target}/releases", announced)
            releases[classes] = desk.sent(f"/releases/{made['id']}", file)["id"]
        sets = {"public": desk.set_of("public", "public"), "private": desk.set_of(f"private-{classes}", "private")}
        body = {f"{role}_dataset_id": one for role, one in sets.items()} | {"release_id": releases[classes], **plan}
        before = desk.client.post(f"/projects/{desk.project}/audits/estimate", body)
        clock.begin()
        audit = desk.finished(releases[classes], sets, {**plan, "rights": RIGHTS})
        clock.end(audit["id"])
        stages = seconds_of(list(desk.client.items(f"/audits/{audit['id']}/jobs")))
        yield {
            "audit": name,
            "state": audit["state"],
            "from_earlier_audits": before["measured"],
            "estimate": before["seconds"],
            "took": round(sum(stages.values()), 1),
            "stages": {stage: [before["stages"].get(stage), round(took, 1)] for stage, took in stages.items()},
        }


def seconds_of(jobs: list[dict[str, Any]]) -> dict[str, float]:
    """Return the seconds of the finished jobs of each stage."""
    found: dict[str, float] = {}
    for job in jobs:
        if job["started_at"] and job["finished_at"]:
            begin, end = (datetime.fromisoformat(job[key]) for key in ("started_at", "finished_at"))
            found[job["stage"]] = found.get(job["stage"], 0.0) + (end - begin).total_seconds()
    return found


def summary(found: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the share of estimates within the factor, and the middle and worst ratio."""
    ratios: list[float] = [
        one["took"] / one["estimate"] for one in found if one["state"] == "succeeded" and one["took"]
    ]
    within = [ratio for ratio in ratios if 1 / FACTOR <= ratio <= FACTOR]
    worst: float | None = max(ratios, key=_distance) if ratios else None
    return {
        "share_within": round(len(within) / len(found), 3) if found else 0.0,
        "ratio": round(median(ratios), 2) if ratios else None,
        "worst": None if worst is None else round(worst, 2),
    }


def _distance(ratio: float) -> float:
    return max(ratio, 1 / ratio)


if __name__ == "__main__":
    main()
