"""Start of a worker: registers it, and ends its child with it."""

import os
import platform
import socket
import threading
import time
from typing import Any

import structlog
from sqlalchemy import func
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import DBAPIError

from app.db.models import WorkerNode
from app.db.session import sync_session
from app.db.waiting import wait_for_schema
from app.embedded.death import die_with_parent
from app.observability.gpus import gpus
from app.observability.logs import configure_logs
from app.observability.traces import configure_traces
from app.settings import settings

log = structlog.get_logger(__name__)

SIGN_OF_LIFE_SECONDS = 15.0


def node_name() -> str:
    """Return the name of this worker: its host and the id of its main process."""
    return f"{socket.gethostname()}:{os.getpid()}"


def hardware() -> dict[str, Any]:
    """Return the description of the machine, without torch."""
    return {
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "processors": os.cpu_count(),
        "memory_bytes": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
    }


def sandbox_level() -> dict[str, Any]:
    """Return how well this machine can confine the process that opens uploads."""
    from worker.intake.sandbox import level

    try:
        return level().to_dict()
    except RuntimeError as error:
        log.error("worker.no_sandbox", error=str(error))
        return {"name": "none", "problem": str(error)}


def on_init(**_: object) -> None:
    """Celery's `worker_init`: take no job before the schema is one that this version can use."""
    on_logging()
    wait_for_schema()


def on_ready(**_: object) -> None:
    """Celery's `worker_ready`: start to update the table of workers."""
    threading.Thread(target=show_life, args=(node_name(),), name="sign-of-life", daemon=True).start()


def show_life(name: str) -> None:
    """Update this worker's row periodically.

    It is informational: jobs are reaped by their lease.
    """
    found = hardware() | {"sandbox": sandbox_level()}
    while True:
        try:
            with sync_session() as session:
                now = found | {"gpus": gpus()}
                row = insert(WorkerNode).values(name=name, hardware=now)
                alive = {"seen_at": func.now(), "hardware": now}
                session.execute(row.on_conflict_do_update(index_elements=["name"], set_=alive))
        except DBAPIError as error:
            log.warning("worker.database_away", error=repr(error))
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


def on_logging(**_: object) -> None:
    """Celery's `setup_logging`: a receiver prevents Celery's own set-up."""
    configure_logs("worker", settings().log_level)
    configure_traces("worker")
