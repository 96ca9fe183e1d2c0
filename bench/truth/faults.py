"""Audit while a seeded gremlin breaks things, and count what is lost, doubled or different.

    python -m bench.truth.faults [--audits 100] [--whole 10] [--every 20] [--json] [--record]

A service is started with `exhume up`. Two audits of one identity are left alone: one without
private images, and one with. Then they are queued again `--audits` times at once, while a fault
happens every `--every` seconds: killed and stopped workers, API, scheduler and broker, a crashed
database, dropped and delayed connections, flipped bits in artifacts, deleted artifacts, a full
disk, and a clock that jumps. Faults come in a random order, each kind once before any comes again.

`--whole` audits of them have private images. These take much longer, as each of their stages that
opens the images runs in a process of its own. The store is on a small file system in memory, which
needs root, and otherwise the disk is not filled. Only the clock of the database counts, and it is
not moved: the times of leases, pauses and messages are, as they look after a jump.

Every audit must end, with the digest of the undisturbed one. The exit code is 1 otherwise. Counted
are:

* `lost`: audits that failed or did not end.
* `doubled`: stages of an audit whose rows are there twice, or whose audit has two results.
* `digest_mismatches`: audits with other reconstructions than the first.
* `orphans`: unfinished jobs, held leases, reservations, scratch folders, and files of the store
  without a row that the service does not remove. A worker that is killed between file and row
  leaves one, and the scheduler removes it after two days. Such files are made to look older, and
  counted as `swept`.

The time allowed for all audits together is `--hours`.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from bench.attacks.cells import stamp
from bench.serving import serving, wait_until
from bench.truth import models
from bench.truth.gremlin import Gremlin
from bench.truth.grid import Cell
from bench.truth.leftovers import age, count_doubled, database, number, orphans, unnamed
from bench.truth.service import Desk
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
PLAN: dict[str, Any] = {
    "effort": "quick",
    "identities": 1,
    "attacks": [{"name": "decoder", "setting": "lom", "prior": "pca"}],
}
CLASSES, STEPS = 2, 60  # of a small target, trained for seconds
ENDED = {"succeeded", "failed", "cancelled"}
STORE_MIB = 320
ANSWERS = 600.0  # seconds until an API that was killed must answer


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


def persistently(ask: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Send a request until the API, which may have been killed, answers."""
    end = time.monotonic() + ANSWERS
    while True:
        try:
            return ask()
        except ApiError as error:
            if time.monotonic() > end or error.status < 500:
                raise
        except ExhumeError:  # no answer
            if time.monotonic() > end:
                raise
        time.sleep(0.5)


def finished(client: Client, audit: str, end: float) -> dict[str, Any]:
    """Return an audit once it has ended, or as it is at this time."""
    while (found := persistently(lambda: client.get(f"/audits/{audit}")))["state"] not in ENDED:
        if time.monotonic() > end:
            break
        time.sleep(1)
    return found


def replay(client: Client, audit: str, index: int) -> str:
    """Queue the audit again. A repeated request, after a lost answer, makes no other."""
    return str(persistently(lambda: client.post(f"/audits/{audit}/replay", key=f"replay-{index:05}"))["id"])


def haunt(gremlin: Gremlin, every: float, stop: threading.Event) -> None:
    """Do a fault from time to time."""
    while not stop.wait(every):
        with suppress(OSError, ValueError):
            print(f"  {gremlin.act()}", file=sys.stderr, flush=True)


def originals(desk: Desk, *, whole: bool) -> list[dict[str, Any]]:
    """Run the undisturbed audits: one without private images and, for `whole`, one with."""
    cell = Cell(CLASSES)
    models.STEPS = STEPS
    models.write_sets(desk.folder, cell.classes)
    models.export(cell, desk.folder / "model.onnx")
    made = desk.client.post(f"/targets/{desk.target}/releases", {"version": "1", **models.description(cell)})
    release = desk.sent(f"/releases/{made['id']}", desk.folder / "model.onnx")["id"]
    public, private = desk.set_of("public", "public"), desk.set_of(f"private-{CLASSES}", "private")
    found = []
    for sets in ({"public": public}, {"public": public, "private": private})[: 2 if whole else 1]:
        began = time.perf_counter()
        audit = desk.finished(release, sets, PLAN)
        print(f"  undisturbed: {audit['state']} in {time.perf_counter() - began:.1f} s", file=sys.stderr, flush=True)
        if audit["state"] != "succeeded":
            raise SystemExit(f"the undisturbed audit {audit['state']}: {audit['problem']}")
        found.append(audit)
    return found


def measured(audits: int, *, whole: int, seed: int, every: float, hours: float) -> dict[str, Any]:
    """Run everything, and return the counts."""
    with (
        tempfile.TemporaryDirectory(prefix="exhume-faults-", ignore_cleanup_errors=True) as name,
        small_store(Path(name) / "store") as small,
    ):
        data, store = Path(name) / "data", Path(name) / "store"
        Path(name).chmod(0o755)  # started by root, the database runs as another user
        data.mkdir()
        with serving(data, SETTINGS | {"EXHUME_STORE_URL": f"file://{store}"}) as service:
            first = originals(Desk(service.client, Path(name)), whole=whole > 0)
            of = [first[-1 if index < whole else 0] for index in range(audits)]
            gremlin, stop = Gremlin(data, store, seed=seed, small=small), threading.Event()
            ghost = threading.Thread(target=haunt, args=(gremlin, every, stop), daemon=True)
            began, end = time.perf_counter(), time.monotonic() + hours * 3600
            ghost.start()
            again = [replay(service.client, one["id"], index) for index, one in enumerate(of)]
            ended = [finished(service.client, one, end) for one in again]
            stop.set()
            ghost.join(60)
            seconds = time.perf_counter() - began
            with database(data) as connection:
                with suppress(SystemExit):
                    wait_until(lambda: not orphans(connection, data, store).keys() - {"files"}, 60)
                swept = unnamed(connection, store)
                if swept:
                    age(swept)
                    gremlin.restart_scheduler()
                    with suppress(SystemExit):
                        wait_until(lambda: not unnamed(connection, store), 120)
                left, doubled = orphans(connection, data, store), count_doubled(connection, audits + len(first))
                setbacks = number(connection, "SELECT coalesce(sum(setbacks), 0) FROM job")
                attempts = number(connection, "SELECT coalesce(sum(attempt - 1), 0) FROM job WHERE attempt > 1")
    return {
        "audits": audits,
        "lost": sum(one["state"] != "succeeded" for one in ended),
        "doubled": doubled,
        "digest_mismatches": sum(
            one["frozen_digest"] != original["frozen_digest"] for one, original in zip(ended, of, strict=True)
        ),
        "orphans": sum(left.values()),
        "left": left,
        "swept": len(swept),
        "faults": dict(sorted(gremlin.done.items())),
        "further_attempts": attempts,
        "setbacks": setbacks,
        "problems": sorted({(one["problem"] or {}).get("detail", "")[:300] for one in ended} - {""}),
        "seconds": round(seconds, 1),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--audits", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--whole", type=int, default=10, help="number of audits with private images")
    parser.add_argument("--every", type=float, default=20.0, help="seconds between two faults")
    parser.add_argument("--hours", type=float, default=1.0, help="time for all audits together")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--record", action="store_true", help="append the line to results/faults.jsonl")
    args = parser.parse_args()
    chosen = {"whole": args.whole, "seed": args.seed, "every": args.every}
    line = {"bench": "faults", **chosen, **measured(args.audits, hours=args.hours, **chosen), **stamp()}
    if args.record:
        with RESULTS.open("a") as file:
            file.write(json.dumps(line) + "\n")
    print(json.dumps(line) if args.json else "\n".join(f"{name:<18} {value}" for name, value in line.items()))
    if any(line[name] for name in ("lost", "doubled", "digest_mismatches", "orphans")):
        sys.exit(1)


if __name__ == "__main__":
    main()
