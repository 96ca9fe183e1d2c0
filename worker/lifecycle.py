"""Start and end of a worker: registers it, and ends its child with it."""

import sys
import threading
import time
from typing import Any

import structlog

from app.db.waiting import wait_for_schema
from app.embedded.death import die_with_parent
from app.observability.logs import configure_logs
from app.observability.traces import configure_traces
from app.settings import settings
from worker.node import QUEUES_READ, SIGN_OF_LIFE_SECONDS, hardware, node_name, sign_of_life, sign_off

log = structlog.get_logger(__name__)

_spent = threading.Event()


def sandbox_level() -> dict[str, Any]:
    """Return how well this machine can confine the process that opens uploads."""
    from worker.intake.sandbox import level

    try:
        return level().to_dict()
    except RuntimeError as error:
        log.error("worker.no_sandbox", error=str(error))
        return {"name": "none", "problem": str(error)}


def on_init(sender: Any = None, **_: object) -> None:
    """Celery's `worker_init`: take no job before the schema is one that this version can use.

    The worker is registered before it takes a job, because jobs are matched with its row.
    """
    on_logging()
    wait_for_schema()
    QUEUES_READ[:] = [] if sender is None else sorted(sender.app.amqp.queues.consume_from)
    sign_of_life(node_name(), hardware())


def on_ready(**_: object) -> None:
    """Celery's `worker_ready`: start to update the table of workers."""
    threading.Thread(target=show_life, args=(node_name(),), name="sign-of-life", daemon=True).start()


def on_shutdown(**_: object) -> None:
    """Celery's `worker_shutdown`: this worker is no longer listed."""
    sign_off()


def show_life(name: str) -> None:
    """Update this worker's row periodically.

    Jobs are reaped by their lease, not by this row.
    """
    found = hardware() | {"sandbox": sandbox_level()}
    while True:
        sign_of_life(name, found)
        time.sleep(SIGN_OF_LIFE_SECONDS)


def on_child_start(**_: object) -> None:
    """Celery's `worker_process_init`: the child ends with its worker, even on `kill -9`."""
    from billiard.process import current_process

    process = current_process()
    die_with_parent(parent=process._parent_pid)
    on_logging()
    if process.index == 0:  # another child of this worker waits for its first job
        warm_up()


def warm_up() -> None:
    """Start to load what sandboxes need, in parallel, so that it is ready for the next upload."""
    if settings().warm_sandbox:
        from worker.intake.sandbox.warm import WARM

        WARM.start()


def leave_after_job(reason: str) -> None:
    """Note that this process must not run another job after this one."""
    log.warning("worker.process_spent", reason=reason)
    _spent.set()


def leave_if_spent() -> None:
    """End this process if its last job asked for that.

    Celery logs that a process was lost, starts another, and delivers the message again. It stands
    for the next job, if there is one.
    """
    if _spent.is_set():
        sys.exit(0)


def on_logging(**_: object) -> None:
    """Celery's `setup_logging`: a receiver prevents Celery's own set-up."""
    configure_logs("worker", settings().log_level)
    configure_traces("worker")
