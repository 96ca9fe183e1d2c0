"""Measure reads of the API at the size of a company, in ratio to the simplest possible endpoint.

    python -m bench.cost.load [--audits 10000] [--reconstructions 1000000] [--streams 50]
        [--seconds 5] [--clients 4] [--json] [--record]

Each route is read in a closed loop, with and without open event streams, before and after the bare
endpoint (`bench.cost.bare_endpoint`) on the same database. `ratio` compares processor time, which
other work on the machine does not change much. `first reads` asks for each audit once, so its
document is not in memory. Ends with the plans of statements over 20 ms.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from bench.cost import load_rows, slow_statements
from bench.cost.load_client import Connection, Measured, loop
from bench.serving import Service, serving, wait_until

RESULTS = Path(__file__).parents[1] / "results" / "load.jsonl"
API = "/api/v1"
FIRST = "audit, first reads"


def routes(seeded: load_rows.Seeded) -> dict[str, list[str]]:
    """Return the addresses to read, by route."""
    audits = seeded.finished
    return {
        "audit": [f"{API}/audits/{audit}" for audit in audits],
        FIRST: [f"{API}/audits/{audit}" for audit in seeded.others],
        "audits": [f"{API}/projects/{seeded.project}/audits"],
        "audits, searched": [f"{API}/projects/{seeded.project}/audits?q=badge+49&state=succeeded"],
        "audits, nothing found": [f"{API}/projects/{seeded.project}/audits?q=nothing"],
        "audits by risk": [f"{API}/projects/{seeded.project}/audits?sort=-risk"],
        "overview": [f"{API}/projects/{seeded.project}/overview"],
        "releases": [f"{API}/projects/{seeded.project}/releases"],
        "reconstructions": [f"{API}/audits/{audit}/reconstructions" for audit in audits],
        "identities": [f"{API}/audits/{audit}/identities" for audit in audits],
        "jobs": [f"{API}/audits/{audit}/jobs" for audit in audits],
        "projects": [f"{API}/projects"],
        "mixed": [
            *(f"{API}/audits/{audit}" for audit in audits[:20]),
            *(f"{API}/audits/{audit}/reconstructions?limit=50" for audit in audits[:3]),
            f"{API}/projects/{seeded.project}/audits",
            f"{API}/projects/{seeded.project}/releases",
        ],
    }


def free_port() -> int:
    """Return a port of this machine that nobody uses."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@contextmanager
def bare(database_url: str) -> Iterator[tuple[str, int]]:
    """Serve the bare endpoint. Yields its address and process."""
    port = free_port()
    command = [sys.executable, "-m", "bench.cost.bare_endpoint", str(port)]
    process = subprocess.Popen(command, env=os.environ | {"DATABASE_URL": database_url})
    url = f"http://127.0.0.1:{port}"
    try:
        wait_until(lambda: _answers(url))
        yield url, process.pid
    finally:
        process.terminate()
        process.wait(30)


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/docs", trust_env=False).is_success
    except httpx.TransportError:
        return False


async def once(url: str, key: str, paths: list[str]) -> None:
    """Read every address once, so that its documents are in memory."""
    connection = Connection(url, key)
    await connection.open()
    for path in paths:
        await connection.get(path)
    connection.close()


async def measure(
    service: Service, bare_at: tuple[str, int], seeded: load_rows.Seeded, args: argparse.Namespace
) -> dict[str, Any]:
    """Read everything in turn, the bare endpoint between."""
    url, pid, size = service.client.url, service.pids["api"], {"seconds": args.seconds, "clients": args.clients}
    plain = [f"/audits/{audit.removeprefix('aud_')}" for audit in seeded.finished]
    bares: list[Measured] = []
    rows: dict[str, Any] = {}
    found: dict[tuple[str, int], Measured] = {}
    for name, paths in routes(seeded).items():
        bares.append(await loop(bare_at[0], None, plain, bare_at[1], **size))
        if name != FIRST:
            await once(url, service.key, paths)
        found[name, 0] = await loop(url, service.key, paths, pid, **size)
        if name in {"audit", "mixed"}:
            streams = [Connection(url, service.key) for _ in range(args.streams)]
            await asyncio.gather(*(one.open() for one in streams))
            await asyncio.gather(*(one.ask(f"{API}/audits/{seeded.running}/events?after=39") for one in streams))
            await asyncio.gather(*(one.reader.readuntil(b"id: 40\n") for one in streams))
            found[name, args.streams] = await loop(url, service.key, paths, pid, **size)
            for one in streams:
                one.close()
            await asyncio.sleep(1)
    reference = sum(one.per_second for one in bares) / len(bares)
    reference_ms = sum(one.processor_ms for one in bares) / len(bares)
    for (name, beside), seen in found.items():
        rows[f"{name} beside {beside} streams" if beside else name] = {
            **{"per_second": round(seen.per_second, 1), "processor_ms": round(seen.processor_ms, 2)},
            **{"p50_ms": round(seen.percentile_ms(0.5), 1), "p99_ms": round(seen.percentile_ms(0.99), 1)},
            **{"ratio": round(reference_ms / seen.processor_ms, 3), "bytes": seen.bytes // max(len(seen.times), 1)},
            "throughput_ratio": round(seen.per_second / reference, 3),
        }
    return {"bare_per_second": round(reference, 1), "bare_processor_ms": round(reference_ms, 2), "routes": rows}


def scraped(port: int, times: int = 10) -> dict[str, float]:
    """Return the milliseconds of a scrape of the metrics: the median, and the longest."""
    seconds = []
    for _ in range(times):
        begun = time.perf_counter()
        httpx.get(f"http://127.0.0.1:{port}/metrics", trust_env=False, timeout=30).raise_for_status()
        seconds.append(time.perf_counter() - begun)
    return {"p50_ms": round(1000 * sorted(seconds)[times // 2], 1), "longest_ms": round(1000 * max(seconds), 1)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--audits", type=int, default=10_000)
    parser.add_argument("--reconstructions", type=int, default=1_000_000)
    parser.add_argument("--streams", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--clients", type=int, default=4)
    parser.add_argument("--json", action="store_true", help="end with one line of JSON")
    parser.add_argument("--record", action="store_true", help=f"append the line to {RESULTS.name}")
    args = parser.parse_args()
    port = free_port()
    settings = {"EXHUME_METRICS_PORT": str(port)}
    with tempfile.TemporaryDirectory(prefix="exhume-load-") as folder, serving(Path(folder), settings) as service:
        database = json.loads((Path(folder) / "run" / "up.json").read_text())["database_url"]
        seeded = load_rows.seed(service.client, database, args.audits, args.reconstructions)
        log = Path(folder) / "logs" / "postgres.log"
        slow_statements.watch(database)
        begin = log.stat().st_size
        with bare(database) as bare_at:
            row = asyncio.run(measure(service, bare_at, seeded, args))
        row["metrics"] = scraped(port)
        slow = slow_statements.slowest(log, begin)
    row = {"bench": "load", "audits": args.audits, "reconstructions": args.reconstructions} | row
    print(f"metrics: {row['metrics']}")
    print(f"bare: {row['bare_per_second']} a second, {row['bare_processor_ms']} ms of processor time")
    for name, figures in row["routes"].items():
        print(f"{name}: " + ", ".join(f"{value} {figure}" for figure, value in figures.items()))
    for milliseconds, plan in slow:
        print(f"{milliseconds} ms\n{plan}")
    row["slow_statements"] = len(slow)
    if args.record:
        with RESULTS.open("a") as file:
            file.write(json.dumps(row) + "\n")
    if args.json:
        print(json.dumps(row))


if __name__ == "__main__":
    main()
