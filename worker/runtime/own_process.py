"""A process for one job, which ends with the job.

It is forked from a parent that has loaded the stages, in milliseconds in place of seconds. The
parent opens no connection, reads no image and uses no GPU.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
from types import FrameType
from typing import Protocol
from uuid import UUID

import structlog

from app.embedded.death import die_with_parent
from worker.lifecycle import on_logging
from worker.warm.client import WarmParent

log = structlog.get_logger(__name__)

LOADING = 120.0  # seconds
PATIENCE = 5.0  # seconds for a job to give itself back when the worker stops
NOT_CLAIMED = 3  # exit status
LOADED = (
    "worker.runtime.run",
    "worker.stages.references",
    "worker.stages.look",
    "worker.stages.verify",
    "worker.stages.power",
)
PARENT = WarmParent("worker.runtime.own_process:forked", LOADED)
"""It runs from the first job that needs a process of its own."""


class Process(Protocol):
    """A process that runs a job."""

    def wait(self, seconds: float | None = None) -> int | None:
        """Wait for the exit status; None if it cannot be known any more. Raises: TimeoutError."""

    def terminate(self) -> None:
        """Send SIGTERM."""

    def kill(self) -> int | None:
        """Kill it, and return its exit status."""


class NewProcess:
    """A job in a new interpreter, where no parent can be forked."""

    def __init__(self, job_id: UUID) -> None:
        command = [sys.executable, "-P", "-m", "worker.runtime.own_process", str(job_id), str(os.getpid())]
        self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL)
        self.terminate = self._process.terminate

    def wait(self, seconds: float | None = None) -> int:
        try:
            return self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            raise TimeoutError from None

    def kill(self) -> int:
        self._process.kill()
        return self._process.wait()


def run_alone(job_id: UUID, parent: WarmParent = PARENT) -> bool:
    """Start a process for this job and wait for its end. If this process stops, stop it too.

    Return False if another worker has the job.
    """
    process = fork(job_id, parent) or NewProcess(job_id)
    try:
        status = process.wait()
    except BaseException:
        stop(process)
        raise
    if status is None:
        parent.restart()
    if status not in {0, NOT_CLAIMED}:  # the job's lease expires, and the reaper returns it to the queue
        log.error("job.process_ended", job_id=str(job_id), status=status)
    return status != NOT_CLAIMED


def fork(job_id: UUID, parent: WarmParent) -> Process | None:
    """Fork a process for this job. Return None if that is not possible.

    It has the environment that this process has now, like a new interpreter.
    """
    parent.start()
    parent.wait(LOADING)
    order, write = os.pipe()
    try:
        forked = parent.fork({0: order, 1: 1, 2: 2})
    finally:
        os.close(order)
    with contextlib.suppress(BrokenPipeError), os.fdopen(write, "w") as pipe:
        if forked is not None:
            json.dump({"job": str(job_id), "environment": dict(os.environ)}, pipe)
    return forked


def stop(process: Process) -> None:
    """Ask the process to give its job back and end. Kill it if it does not."""
    process.terminate()
    try:
        process.wait(PATIENCE)
    except TimeoutError:
        process.kill()


def forked(parent: int) -> int:
    """Run the job of the order on standard input in this process, and return its exit status."""
    with os.fdopen(0, closefd=False) as file:
        order = json.load(file)
    os.environ.clear()
    os.environ.update(order["environment"])
    try:
        return run_here(UUID(order["job"]), parent)
    except SystemExit as stopped:  # by `leave`, or because the job spent this process
        return int(stopped.code or 0)


def run_here(job_id: UUID, parent: int) -> int:
    """Run one job in this process, which ends with its parent, and return the exit status."""
    die_with_parent(parent=parent)
    signal.signal(signal.SIGTERM, leave)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C stops the worker, which then stops this process
    on_logging()
    from worker.runtime.run import run_claimed

    return 0 if run_claimed(job_id) else NOT_CLAIMED


def leave(signal_number: int, frame: FrameType | None) -> None:
    """Handle SIGTERM: the job is given back during the exit."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # a second one must not break that off
    sys.exit(0)


if __name__ == "__main__":
    sys.exit(run_here(UUID(sys.argv[1]), int(sys.argv[2])))
