"""Audit while a seeded gremlin breaks things, and count what is lost, doubled or different.

    python -m bench.truth.faults [--audits 100] [--seed 0] [--every 10] [--json] [--record]

A service is started with `exhume up`. One audit is left alone. Then it is replayed, `--audits`
times, while a fault happens every `--every` seconds: killed and stopped workers, API, scheduler
and broker, a crashed database, dropped and delayed connections, flipped bits in artefacts, deleted
artefacts, and a full disk. The store is on a small file system in memory, which needs root, and
otherwise the disk is not filled. Clocks are not moved: leases use that of the database alone.

Every audit must end, with the digest of the first. The exit code is 1 otherwise. Counted are:

* `lost`: audits that failed or did not end.
* `doubled`: stages of an audit whose rows are there twice, or whose audit has two results.
* `digest_mismatches`: audits with other reconstructions than the first.
* `orphans`: unfinished jobs, held leases, reservations, scratch folders, and files of the store
  without a row.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg

from bench.attacks.cells import stamp
from bench.serving import serving, wait_until
from bench.truth import models
from bench.truth.gremlin import ARTEFACTS, SAMPLES, Gremlin
from bench.truth.grid import Cell
from bench.truth.service import RIGHTS, Desk
from exhume import ApiError, Client, ExhumeError

RESULTS = Path(__file__).resolve().parents[1] / "results" / "faults.jsonl"
SETTINGS = {
    "EXHUME_LEASE_SECONDS": "6",
    "EXHUME_HEARTBEAT_SECONDS": "1",
    "EXHUME_REAPER_SECONDS": "1",
    "EXHUME_JOB_MAX_ATTEMPTS": "20",  # a fault every few seconds would end any audit otherwise
    "EXHUME_CHECKS_AT_ONCE": "1",
    "EXHUME_WARM_SANDBOX": "false",
}
PLAN: dict[str, Any] = {"effort": "quick", "attacks": [{"name": "decoder", "setting": "lom", "prior": "pca"}]}
CLASSES, STEPS = 2, 60  # of a small target, trained for seconds
ENDED = {"succeeded", "failed", "cancelled"}
STORE_MIB = 320
PATIENCE = 1800.0


@contextmanager
def small_store(folder: Path) -> Iterator[bool]:
    """Mount a small file system in memory on `folder`. Yields whether that was possible."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={STORE_MIB}m", "tmpfs", str(folder)]
    mounted = subprocess.run(mount, check=False, capture_output=True).returncode == 0
    try:
        yield mounted
    finally:
        if mounted:
            subprocess.run(["umount", "--lazy", str(folder)], check=False)


def persistently(client: Client, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    """Send a request until the API, which may have been killed, answers."""
    end = time.monotonic() + PATIENCE
    while True:
        try:
            found: dict[str, Any] = client.get(path) if method == "GET" else client.post(path, body or {})
        except ApiError as error:
            if time.monotonic() > end or error.status < 500:
                raise
        except ExhumeError:  # no answer
            if time.monotonic() > end:
                raise
        else:
            return found
        time.sleep(0.5)


def finished(client: Client, audit: str) -> dict[str, Any]:
    """Return an audit once it has ended, or as it is when patience ends."""
    end = time.monotonic() + PATIENCE
    while (found := persistently(client, "GET", f"/audits/{audit}"))["state"] not in ENDED and time.monotonic() < end:
        time.sleep(0.5)
    return found


def count_doubled(connection: psycopg.Connection[Any]) -> int:
    """Return how many audits or stages have results twice."""
    queries = (
        "SELECT count(*) FROM (SELECT 1 FROM job_event WHERE kind = 'result' GROUP BY audit_id HAVING count(*) > 1) x",
        "SELECT count(*) FROM (SELECT 1 FROM reconstruction GROUP BY audit_id, source, attack, identity, seed, restart"
        " HAVING count(*) > 1) x",
        "SELECT count(*) FROM (SELECT 1 FROM job_event GROUP BY audit_id HAVING count(*) <> max(seq)) x",
    )
    return sum(_number(connection, query) for query in queries)


def orphans(connection: psycopg.Connection[Any], gremlin: Gremlin) -> dict[str, int]:
    """Return what is left over after all audits have ended, by kind."""
    folders = [one for one in (gremlin.data / "tmp").glob("exhume-*") if one.is_dir()]
    known = {key for (key,) in connection.execute("SELECT object_key FROM artifact").fetchall()}
    stored = {
        str(file.relative_to(gremlin.store))
        for file in (gremlin.store / ARTEFACTS).rglob("*")
        if file.is_file() and file.parent.name != SAMPLES
    }
    counts = {
        "jobs": _number(connection, "SELECT count(*) FROM job WHERE state IN ('waiting', 'queued', 'running')"),
        "leases": _number(connection, "SELECT count(*) FROM job WHERE lease_until IS NOT NULL"),
        "reservations": _number(connection, "SELECT count(*) FROM reservation"),
        "folders": len(folders),
        "files": len(stored - known),
    }
    return {name: count for name, count in counts.items() if count}


def _number(connection: psycopg.Connection[Any], query: str) -> int:
    row = connection.execute(query.encode()).fetchone()
    return int(row[0]) if row else 0


def haunt(gremlin: Gremlin, every: float, stop: threading.Event) -> None:
    """Do a fault from time to time."""
    while not stop.wait(every):
        with suppress(OSError, ValueError):
            print(f"  {gremlin.act()}", file=sys.stderr, flush=True)


def measured(audits: int, seed: int, every: float) -> dict[str, Any]:
    """Run everything, and return the counts."""
    with (
        tempfile.TemporaryDirectory(prefix="exhume-faults-", ignore_cleanup_errors=True) as name,
        small_store(Path(name) / "store") as small,
    ):
        data, store = Path(name) / "data", Path(name) / "store"
        Path(name).chmod(0o755)  # started by root, the database runs as another user
        data.mkdir()
        with serving(data, SETTINGS | {"EXHUME_STORE_URL": f"file://{store}"}) as service:
            desk, cell = Desk(service.client, Path(name)), Cell(CLASSES)
            models.STEPS = STEPS
            models.write_sets(desk.folder, cell.classes)
            models.export(cell, desk.folder / "model.onnx")
            made = desk.client.post(f"/targets/{desk.target}/releases", {"version": "1", **models.description(cell)})
            release = desk.sent(f"/releases/{made['id']}", desk.folder / "model.onnx")
            sets = {"public": desk.set_of("public", "public"), "private": desk.set_of(f"private-{CLASSES}", "private")}
            body: dict[str, Any] = {f"{role}_dataset_id": found for role, found in sets.items()}
            body |= {"release_id": release["id"], "rights": RIGHTS, **PLAN}
            first = finished(desk.client, desk.client.post(f"/projects/{desk.project}/audits", body)["id"])
            if first["state"] != "succeeded":
                raise SystemExit(f"the undisturbed audit {first['state']}: {first['problem']}")
            gremlin, stop = Gremlin(data, store, seed=seed, small=small), threading.Event()
            ghost = threading.Thread(target=haunt, args=(gremlin, every, stop), daemon=True)
            began = time.perf_counter()
            ghost.start()
            again = [persistently(desk.client, "POST", f"/audits/{first['id']}/replay")["id"] for _ in range(audits)]
            ended = [finished(desk.client, one) for one in again]
            stop.set()
            ghost.join(60)
            seconds = time.perf_counter() - began
            url = json.loads((data / "run" / "up.json").read_text())["database_url"]
            with psycopg.connect(url.replace("postgresql+psycopg", "postgresql"), autocommit=True) as connection:
                with suppress(SystemExit):
                    wait_until(lambda: not orphans(connection, gremlin), 60)
                left, doubled = orphans(connection, gremlin), count_doubled(connection)
                remade = _number(connection, "SELECT coalesce(sum(setbacks), 0) FROM job")
    return {
        "audits": audits,
        "lost": sum(one["state"] != "succeeded" for one in ended),
        "doubled": doubled,
        "digest_mismatches": sum(one["frozen_digest"] != first["frozen_digest"] for one in ended),
        "orphans": sum(left.values()),
        "left": left,
        "faults": dict(sorted(gremlin.done.items())),
        "setbacks": remade,
        "problems": sorted({(one["problem"] or {}).get("detail", "")[:300] for one in ended} - {""}),
        "seconds": round(seconds, 1),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--audits", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--every", type=float, default=10.0, help="seconds between two faults")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--record", action="store_true", help="append the line to results/faults.jsonl")
    args = parser.parse_args()
    line = {"bench": "faults", "seed": args.seed, "every": args.every, **measured(args.audits, args.seed, args.every)}
    line |= stamp()
    if args.record:
        with RESULTS.open("a") as file:
            file.write(json.dumps(line) + "\n")
    print(json.dumps(line) if args.json else "\n".join(f"{name:<18} {value}" for name, value in line.items()))
    if any(line[name] for name in ("lost", "doubled", "digest_mismatches", "orphans")):
        sys.exit(1)


if __name__ == "__main__":
    main()
