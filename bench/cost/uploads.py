"""Compare parallel uploads with bare `sha256sum`-and-write pipes to the same disk.

    python -m bench.cost.uploads [--clients 4] [--mib 2048] [--route tus|put] [--json] [--record]

Starts the service with `exhume up` in a temporary folder. Each client is a separate process that
sends one file from the page cache in one request (`sendfile`). The same number of pipes run in
parallel before and after, with the same bytes: `cat FILE | tee COPY | sha256sum`. The service
checks the files in between. `ratio` is the throughput of the uploads over the pipes' mean. The
memory of the API process is sampled during the uploads.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from bench.cost.processor_time import own_seconds
from bench.serving import resident_mib, serving, wait_until

RESULTS = Path(__file__).resolve().parents[1] / "results" / "uploads.jsonl"
MIB = 2**20
DESCRIPTION = {
    "architecture": "exhume/small-cnn",
    "convention": {"height": 32, "width": 32, "channels": 1},
    "classes": ["a", "b"],
}
PIPE = 'cat "$1" | tee "$2" | sha256sum'
SEND = """
import os, socket, sys
host, port, head, path = sys.argv[1], int(sys.argv[2]), bytes.fromhex(sys.argv[3]), sys.argv[4]
with socket.create_connection((host, port)) as connection, open(path, "rb") as file:
    connection.sendall(head)
    connection.sendfile(file)
    answer = connection.recv(65536).decode()
sys.exit(0 if answer.split(" ")[1] in ("202", "204") else answer)
"""


class Watch(threading.Thread):
    """Tracks the largest resident memory of a process while running."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self._pid, self._ending = pid, threading.Event()
        self.before = self.peak = resident_mib(pid)

    def run(self) -> None:
        """Sample every 20 ms."""
        while not self._ending.wait(0.02):
            self.peak = max(self.peak, resident_mib(self._pid))

    def end(self) -> None:
        """Stop sampling."""
        self._ending.set()
        self.join()


def pipes(source: Path, folder: Path, count: int) -> float:
    """Return the seconds that `count` parallel pipes take."""
    copies = [folder / f"copy-{number}" for number in range(count)]
    began = time.monotonic()
    running = [
        subprocess.Popen(["sh", "-c", PIPE, "sh", str(source), str(copy)], stdout=subprocess.DEVNULL) for copy in copies
    ]
    failed = [process.wait() for process in running]
    seconds = time.monotonic() - began
    for copy in copies:
        copy.unlink()
    assert not any(failed), failed
    return seconds


@dataclass(frozen=True)
class Place:
    """A release that waits for its file, and the request line and headers to send it with."""

    release: str
    head: str


def places(client: httpx.Client, route: str, count: int, size: int) -> list[Place]:
    """Return places for `count` uploads, each to a separate release."""
    project = client.post("/projects", json={"name": f"bench {time.time_ns()}"}).raise_for_status().json()["id"]
    target = client.post(f"/projects/{project}/targets", json={"name": "t"}).raise_for_status().json()["id"]
    found = []
    for number in range(count):
        body = DESCRIPTION | {"version": str(number)}
        made = client.post(f"/targets/{target}/releases", json=body).raise_for_status().json()["id"]
        common = f"Host: 127.0.0.1\r\nAuthorization: {client.headers['authorization']}\r\nContent-Length: {size}\r\n"
        if route == "put":
            found.append(Place(made, f"PUT /api/v1/releases/{made}/file HTTP/1.1\r\n{common}\r\n"))
            continue
        tus = {"Tus-Resumable": "1.0.0", "Upload-Length": str(size)}
        where = client.post(f"/releases/{made}/uploads", headers=tus).raise_for_status().headers["location"]
        piece = "Tus-Resumable: 1.0.0\r\nUpload-Offset: 0\r\nContent-Type: application/offset+octet-stream\r\n"
        found.append(Place(made, f"PATCH {where} HTTP/1.1\r\n{common}{piece}\r\n"))
    return found


def uploads(url: str, places: list[Place], source: Path) -> float:
    """Return the seconds until every upload is answered."""
    host, port = url.removeprefix("http://").split(":")
    began = time.monotonic()
    running = [
        subprocess.Popen([sys.executable, "-I", "-S", "-c", SEND, host, port, one.head.encode().hex(), str(source)])
        for one in places
    ]
    failed = [process.wait() for process in running]
    assert not any(failed), failed
    return time.monotonic() - began


def tensor_file(path: Path, mib: int) -> int:
    """Write a valid safetensors file of about this size without holes, and return its size."""
    data = mib * MIB
    entry = {"w": {"dtype": "U8", "shape": [data], "data_offsets": [0, data]}}
    header = json.dumps(entry).encode()
    header += b" " * (-len(header) % 8)
    block = os.urandom(MIB)
    with path.open("wb") as file:
        file.write(len(header).to_bytes(8, "little") + header)
        for _ in range(mib):
            file.write(block)
    return path.stat().st_size


def measure(clients: int, mib: int, route: str) -> dict[str, Any]:
    """Run pipes, uploads, and pipes again."""
    with tempfile.TemporaryDirectory(prefix="exhume-bench-") as name, serving(Path(name)) as service:
        folder, source = Path(name), Path(name) / "source"
        size = tensor_file(source, mib)
        headers = {"Authorization": f"Bearer {service.key}"}
        api = service.pids["api"]
        with httpx.Client(
            base_url=f"{service.client.url}/api/v1", headers=headers, trust_env=False, timeout=60
        ) as client:
            warm = folder / "warm"
            first_places = places(client, route, 2, tensor_file(warm, 8))
            uploads(service.client.url, first_places, warm)  # loads late imports
            wait_until(lambda: checked(client, first_places))
            first = pipes(source, folder, clients)
            measured = places(client, route, clients, size)
            watch, used = Watch(api), own_seconds(api)
            watch.start()
            seconds = uploads(service.client.url, measured, source)
            watch.end()
            used = own_seconds(api) - used
            wait_until(lambda: checked(client, measured))
            last = pipes(source, folder, clients)
    total = clients * size / 1e6
    pipe = (total / first + total / last) / 2
    return {
        "bench": "uploads",
        "route": route,
        "clients": clients,
        "mib_each": mib,
        "upload_mb_s": round(total / seconds, 1),
        "pipe_mb_s": [round(total / first, 1), round(total / last, 1)],
        "ratio": round(total / seconds / pipe, 3),
        "api_memory_before_mib": round(watch.before, 1),
        "api_memory_peak_mib": round(watch.peak, 1),
        "api_memory_more_mib": round(watch.peak - watch.before, 1),
        "api_processor_s_per_gb": round(used / (total / 1000), 2),
        "cores": os.cpu_count(),
        "load": [round(value, 1) for value in os.getloadavg()],
        "python": platform.python_version(),
        "commit": subprocess.run(
            ["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False
        ).stdout.strip(),
    }


def checked(client: httpx.Client, places: list[Place]) -> bool:
    """Return whether the service has checked every file that it received."""
    receiving = {"awaiting_upload", "checking"}
    return all(client.get(f"/releases/{one.release}").json()["state"] not in receiving for one in places)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--clients", type=int, default=4)
    parser.add_argument("--mib", type=int, default=2048)
    parser.add_argument("--route", choices=["tus", "put"], default="tus")
    parser.add_argument("--json", action="store_true", help="print the figures as one JSON line")
    parser.add_argument("--record", action="store_true", help=f"append the figures to {RESULTS.name}")
    args = parser.parse_args()
    found = measure(args.clients, args.mib, args.route)
    if args.record:
        with RESULTS.open("a") as file:
            file.write(json.dumps(found) + "\n")
    if args.json:
        print(json.dumps(found))
        return
    for name, value in found.items():
        print(f"{name:24} {value}")


if __name__ == "__main__":
    main()
