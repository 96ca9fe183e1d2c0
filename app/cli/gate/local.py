"""A server for one command: started in a temporary folder, and deleted with it."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import httpx
import typer

from app.cli.connection import AGENT
from app.cli.stack.commands import environment
from app.cli.terminal import err
from app.contract.exit_codes import Exit
from app.embedded.death import die_with_parent
from exhume import Client

COMMAND = [sys.executable, "-P", "-m", "app.cli", "up"]
OTHERS = ("URL", "API_KEY", "DATA_DIR", "PORT", "HOST", "PUBLIC_URL", "STORE_URL", "ALLOWED_HOSTS")
"""Settings of another server, which must not reach this one."""
PREFIX = "exhume-gate-"
START_SECONDS = 90.0
STOP_SECONDS = 30.0
SIGNALS = (signal.SIGTERM, signal.SIGHUP)


class LocalServerError(Exception):
    """The server did not start. The message contains the end of its log."""


@contextmanager
def throw_away() -> Iterator[Client]:
    """Yield a client of a new server. Nothing is left of it, also after Ctrl-C or an error."""
    _remove_left_over()
    old = {number: signal.signal(number, _end) for number in SIGNALS}
    folder = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-"))
    if os.geteuid() == 0:
        folder.chmod(0o711)  # PostgreSQL does not run as root and must reach its own folder inside
    process: subprocess.Popen[bytes] | None = None
    try:
        err.say("Starting a server for this command.")
        process = _started(folder)
        with _ready(process, folder) as client:
            yield client
    except LocalServerError as error:
        err.block(str(error))
        raise typer.Exit(Exit.AUDIT_ERROR) from error
    except KeyboardInterrupt as stop:
        err.say("", "Stopped. The audit and its server are deleted.")
        raise typer.Exit(Exit.INTERRUPTED) from stop
    finally:
        # a second Ctrl-C must not leave the images of people behind
        ignored = {number: signal.signal(number, signal.SIG_IGN) for number in (signal.SIGINT, *SIGNALS)}
        if process is not None:
            _stop(process)
        _remove(folder)
        for number, handler in (ignored | old).items():
            signal.signal(number, handler)


def _started(folder: Path) -> "subprocess.Popen[bytes]":
    others = {f"EXHUME_{name}" for name in OTHERS} | {"DATABASE_URL", "REDIS_URL"}
    own = {name: value for name, value in environment().items() if name not in others}
    own |= {"EXHUME_DATA_DIR": str(folder), "EXHUME_PORT": "0", "TMPDIR": str(folder)}
    parent = os.getpid()
    with (folder / "up.log").open("wb") as log:
        # in a session of its own, so that a Ctrl-C ends it once, by us
        return subprocess.Popen(
            COMMAND,
            env=own,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=lambda: die_with_parent(signal.SIGTERM, parent),  # noqa: PLW1509 - nothing runs in a thread yet
        )


def _ready(process: "subprocess.Popen[bytes]", folder: Path) -> Client:
    end = time.monotonic() + START_SECONDS
    state, key = folder / "run" / "up.json", folder / "run" / "admin.key"
    while time.monotonic() < end:
        if process.poll() is not None:
            raise LocalServerError(f"The server ended with {process.returncode}:\n{_tail(folder)}")
        if state.exists():
            url = str(json.loads(state.read_text())["url"])
            if _answers(url):
                return Client(url, key.read_text().strip(), user_agent=AGENT)
        time.sleep(0.05)
    raise LocalServerError(f"The server did not answer within {START_SECONDS:.0f} s:\n{_tail(folder)}")


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/readyz", timeout=5, trust_env=False).is_success
    except httpx.TransportError:
        return False


def _stop(process: "subprocess.Popen[bytes]") -> None:
    if process.poll() is None:
        process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()  # its children die with it
        process.wait()


def _remove(folder: Path) -> None:
    for _ in range(20):
        shutil.rmtree(folder, ignore_errors=True)
        if not folder.exists():
            return
        time.sleep(0.1)  # a child of a killed server is about to die
    err.say(f"{folder} could not be deleted. It contains images of the audit. Delete it.")


def _remove_left_over() -> None:
    """Delete folders whose command was killed, so that it could not."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*-*"):
        pid = folder.name.removeprefix(PREFIX).partition("-")[0]
        if pid.isdecimal() and folder.stat().st_uid == os.getuid() and not Path(f"/proc/{pid}").exists():
            shutil.rmtree(folder, ignore_errors=True)


def _tail(folder: Path, lines: int = 20) -> str:
    return "\n".join((folder / "up.log").read_text(errors="replace").splitlines()[-lines:])


def _end(number: int, frame: FrameType | None) -> None:
    sys.exit(128 + number)
