"""A separate process for each job that opens a private set.

It ends with the job, so no attacking process has private images of an earlier job in memory.
"""

import os
import signal
import subprocess
import sys
from types import FrameType
from uuid import UUID

import structlog

from app.embedded.death import die_with_parent
from app.jobs.opening import opens_private_set
from worker.job.retry import transaction
from worker.lifecycle import on_logging

log = structlog.get_logger(__name__)

PATIENCE = 5.0  # seconds for a job to give itself back when the worker stops


def run(job_id: UUID) -> None:
    """Run a job, in a separate process if it opens a private set."""
    if transaction(lambda session: opens_private_set(session, job_id)):
        run_alone(job_id)
    else:
        from worker.runtime.run import run_claimed

        run_claimed(job_id)


def run_alone(job_id: UUID) -> None:
    """Start a process for this job and wait for its end. If this process stops, stop it too."""
    command = [sys.executable, "-P", "-m", "worker.runtime.alone", str(job_id), str(os.getpid())]
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL)
    try:
        status = process.wait()
    except BaseException:
        stop(process)
        raise
    if status != 0:  # the job's lease expires, and the reaper returns it to the queue
        log.error("job.process_ended", job_id=str(job_id), status=status)


def stop(process: "subprocess.Popen[bytes]") -> None:
    """Ask the process to give its job back and end. Kill it if it does not."""
    process.terminate()
    try:
        process.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def main(job_id: str, parent: str) -> None:
    """Run one job in this process."""
    die_with_parent(parent=int(parent))
    signal.signal(signal.SIGTERM, leave)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C stops the worker, which then stops this process
    on_logging()
    from worker.runtime.run import run_claimed

    run_claimed(UUID(job_id))


def leave(signal_number: int, frame: FrameType | None) -> None:
    """Handle SIGTERM: the job is given back during the exit."""
    sys.exit(0)


if __name__ == "__main__":
    main(*sys.argv[1:])
