"""Uses the running stack, or runs one for the duration of the demo."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from app.cli.connection import NoServerError, connect
from app.cli.stack.commands import environment
from app.settings import settings
from exhume import Client

COMMAND = [sys.executable, "-P", "-m", "app.cli", "up"]
START_SECONDS = 90.0
STOP_SECONDS = 30.0


class StackError(Exception):
    """The servers did not start. The message contains the end of their log."""


@contextmanager
def running_stack() -> Iterator[Client]:
    """Yield a client of a ready server.

    A stack that was started here is stopped at the end. Its data are kept.
    """
    client = _ready_client()
    if client is not None:
        with client:
            yield client
        return
    log = settings().data_dir / "logs" / "demo-up.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as output:
        process = subprocess.Popen(COMMAND, env=environment(), stdout=output, stderr=subprocess.STDOUT)
    try:
        with _wait_until_ready(process, log) as client:
            yield client
    finally:
        _stop(process)


def _ready_client() -> Client | None:
    try:
        client = connect()
    except NoServerError:
        return None
    try:
        if httpx.get(f"{client.url}/readyz", timeout=5, trust_env=False).is_success:
            return client
    except httpx.TransportError:
        client.close()  # the files belong to a stack that has ended
        return None
    client.close()
    return None


def _wait_until_ready(process: subprocess.Popen[bytes], log: Path) -> Client:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        if process.poll() is not None:
            raise StackError(f"`exhume up` ended with {process.returncode}:\n{_tail(log)}")
        client = _ready_client()
        if client is not None:
            return client
        time.sleep(0.1)
    raise StackError(f"no answer within {START_SECONDS:.0f} s; see {log}:\n{_tail(log)}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        os.kill(process.pid, signal.SIGKILL)  # its children die with it
        process.wait()


def _tail(log: Path, lines: int = 20) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])
