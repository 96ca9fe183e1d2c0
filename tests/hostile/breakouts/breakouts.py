"""Attacks from inside the sandbox, as if an upload had taken over the process that reads it."""

from __future__ import annotations

import contextlib
import ctypes
import mmap
import os
import resource
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

Answer = dict[str, Any]


def attempts(tries: dict[str, Callable[[], object]]) -> Answer:
    """Return name -> "done" or the error's name."""
    found = {}
    for name, attempt in tries.items():
        try:
            attempt()
        except Exception as error:  # noqa: BLE001 (every failure is reported)
            found[name] = type(error).__name__
        else:
            found[name] = "done"
    return found


def network(input_path: str, work: str, request: Answer) -> Answer:
    return attempts(
        {
            "tcp": lambda: socket.create_connection(("127.0.0.1", request["port"]), timeout=2),
            "udp": lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("127.0.0.1", 9)),
            "unix": lambda: socket.socket(socket.AF_UNIX).connect(request["unix"]),
            "pair": socket.socketpair,
            "netlink": lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW),
        }
    )


def secrets(input_path: str, work: str, request: Answer) -> Answer:
    return attempts(
        {
            "file": lambda: Path(request["secret"]).read_bytes(),
            "listing": lambda: list(Path(request["secret"]).parent.iterdir()),
            "shadow": lambda: Path("/etc/shadow").read_bytes(),
            "parent's environment": lambda: Path(f"/proc/{os.getppid()}/environ").read_bytes(),
            "parent's memory": lambda: Path(f"/proc/{os.getppid()}/mem").read_bytes(),
            "home": lambda: list(Path(request["home"]).iterdir()),
            "link": lambda: (os.link(request["secret"], Path(work) / "link"), (Path(work) / "link").read_bytes()),
        }
    )


def surroundings(input_path: str, work: str, request: Answer) -> Answer:
    status = Path("/proc/self/status").read_text()
    return {
        "environment": sorted(os.environ),
        "files": sorted(int(p.name) for p in Path("/proc/self/fd").iterdir()),
        "capabilities": next(line.split()[1] for line in status.splitlines() if line.startswith("CapEff")),
    }


def processes(input_path: str, work: str, request: Answer) -> Answer:
    return attempts(
        {
            "fork": os.fork,
            "spawn": lambda: subprocess.run(["/bin/true"], check=True),
            "exec": lambda: os.execv("/bin/true", ["true"]),
            "signal": lambda: os.kill(os.getppid(), signal.SIGKILL),
            "signal to all": lambda: os.kill(-1, signal.SIGKILL),
            "higher limit": lambda: resource.setrlimit(resource.RLIMIT_AS, (-1, -1)),
            "thread": lambda: threading.Thread(target=int).start(),
        }
    )


def fork_bomb(input_path: str, work: str, request: Answer) -> Answer:
    made = 0
    for _ in range(2000):
        with contextlib.suppress(OSError):
            if os.fork() == 0:
                time.sleep(60)
            made += 1
    return {"made": made}


def writing(input_path: str, work: str, request: Answer) -> Answer:
    upload = Path(input_path)
    return attempts(
        {
            "outside": lambda: Path(request["outside"], "marker").touch(),
            "temporary": lambda: Path("/tmp/exhume-marker").touch(),
            "upload": lambda: upload.write_bytes(b"other"),
            "upload removed": upload.unlink,
            "beside the upload": (upload.parent / "more").touch,
            "link": lambda: (Path(work) / "link").symlink_to("/etc/passwd"),
            "folder": (Path(work) / "folder").mkdir,
            "pipe": lambda: os.mkfifo(Path(work) / "pipe"),
            "scratch": lambda: (Path(work) / "own").write_bytes(b"x"),
        }
    )


def vandalism(input_path: str, work: str, request: Answer) -> Answer:
    victim = request["victim"]
    return attempts(
        {
            "mode": lambda: Path(victim).chmod(0o777),
            "owner": lambda: os.chown(victim, os.getuid(), os.getgid()),
            "times": lambda: os.utime(victim, (0, 0)),
            "attribute": lambda: os.setxattr(victim, "user.x", b"x"),
            "truncate": lambda: os.truncate(victim, 0),
            "rename": lambda: Path(victim).rename(victim + "2"),
            "upload's mode": lambda: Path(input_path).chmod(0o777),
            "parent's priority": lambda: os.setpriority(os.PRIO_PROCESS, os.getppid(), 19),
            "parent's processors": lambda: os.sched_setaffinity(os.getppid(), {0}),
            "parent's limits": lambda: resource.prlimit(os.getppid(), resource.RLIMIT_NOFILE, (1, 1)),
            "parent traced": lambda: _system_call(101, 16, os.getppid()),
            "shared memory": lambda: _system_call(29, 0, 4096, 0o1666),
        }
    )


def _system_call(number: int, *arguments: int) -> None:
    """Call a system call by its number on x86_64."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.syscall(number, *arguments) < 0:
        raise OSError(ctypes.get_errno(), "system call")


def fill_memory(input_path: str, work: str, request: Answer) -> Answer:
    """Allocate memory without touching it: the limit is on addresses, and this is fast."""
    held = []
    while True:
        held.append(mmap.mmap(-1, 64 * 1024 * 1024))


def fill_by_safetensors(input_path: str, work: str, request: Answer) -> Answer:
    import numpy as np
    from safetensors.numpy import save_file

    save_file({"weight": np.zeros(5 * 2**20, np.uint8)}, Path(work) / "weights")
    return {}


def fill_one_file(input_path: str, work: str, request: Answer) -> Answer:
    with (Path(work) / "large").open("wb", buffering=0) as file:
        while True:
            file.write(bytes(1024 * 1024))


def fill_disk(input_path: str, work: str, request: Answer) -> Answer:
    for name in range(10_000):
        (Path(work) / str(name)).write_bytes(bytes(512 * 1024))
        time.sleep(0.002)
    return {}


def fill_with_names(input_path: str, work: str, request: Answer) -> Answer:
    """Create empty files, which take no blocks but names and inodes."""
    for name in range(100_000):
        (Path(work) / str(name)).touch()
    time.sleep(5)
    return {}


def loop(input_path: str, work: str, request: Answer) -> Answer:
    while True:
        pass


def sleep(input_path: str, work: str, request: Answer) -> Answer:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    time.sleep(60)
    return {}


def sleep_once(input_path: str, work: str, request: Answer) -> Answer:
    if (Path(work) / "slept").exists():
        return {"times": 2}
    (Path(work) / "slept").touch()
    time.sleep(60)
    return {"times": 1}


def family(input_path: str, work: str, request: Answer) -> Answer:
    return {"parent": os.getppid(), "session": os.getsid(0), "pid": os.getpid(), "loaded": sorted(sys.modules)}


def crash(input_path: str, work: str, request: Answer) -> Answer:
    return {"read": ctypes.string_at(0)}


def vanish(input_path: str, work: str, request: Answer) -> Answer:
    os._exit(0)


def flood(input_path: str, work: str, request: Answer) -> Answer:
    for _ in pieces():
        os.write(3, b'{"done":' * 8192)
    return {}


def flood_errors(input_path: str, work: str, request: Answer) -> Answer:
    for _ in pieces():
        sys.stderr.write("x" * 65536)
    return {"still": "here"}


def pieces() -> Iterator[int]:
    yield from range(1024)


def answer(input_path: str, work: str, request: Answer) -> Answer:
    """Write the answer in the request to the pipe, bypassing our own code."""
    os.write(3, request["answer"].encode())
    os._exit(0)
