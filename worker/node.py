"""The row of this worker: its name, its machine, its device, and why it takes no jobs."""

import os
import platform
import socket
from dataclasses import replace
from typing import Any

import structlog
from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app.contract.device import Device
from app.db.contention import failure
from app.db.models import WorkerNode
from app.db.session import sync_session
from app.observability.candidates import candidates_here
from app.observability.devices import HIDDEN, choose
from app.observability.gpus import Gpu, gpus
from app.observability.processor import machine_memory
from app.observability.torch_build import torch_build
from app.settings import settings
from worker.trial import fault_in_trial

log = structlog.get_logger(__name__)

SIGN_OF_LIFE_SECONDS = 15.0
GONE_SECONDS = 3 * SIGN_OF_LIFE_SECONDS
MAIN_PROCESS = "WORKER_MAIN_PROCESS"
"""Variable with the id of the worker's main process, for the processes that it starts."""
AFTERWARDS = "Then start this worker, or `exhume up`, again."
"""What to do after a GPU that failed its trial was repaired. It is tried at a start alone."""
QUEUES_READ: list[str] = []
"""The queues from which this worker takes jobs, once it knows them."""
_device: Device | None = None
_fault: str | None = None


def node_name() -> str:
    """Return the name of this worker: its host and the id of its main process."""
    return f"{socket.gethostname()}:{os.environ.get(MAIN_PROCESS) or os.getpid()}"


def choose_device() -> Device:
    """Choose the device of this worker, and hide every other from the processes that it starts.

    A GPU is tried first. With `auto`, one that PyTorch cannot use is passed over, for another or
    the processor. If a setting names it, the worker only checks uploads, and its row says why.

    Raises: DeviceError.
    """
    global _device, _fault  # noqa: PLW0603 (chosen once, before anything is started)
    wanted, there, build = settings().device, candidates_here(), torch_build()
    chosen, _fault = choose(wanted, there, build), None
    while chosen.device.kind != "cpu" and (_fault := fault_in_trial(chosen)) is not None:
        log.error("worker.device_unusable", device=chosen.device.words, error=_fault)
        if wanted != "auto":
            break
        mine = chosen.environment
        there = [replace(one, fault=_fault) if one.environment == mine else one for one in there]
        chosen, _fault = choose(wanted, there, build), None
    used, environment = (chosen.device.kind, chosen.environment) if _fault is None else ("cpu", HIDDEN)
    os.environ.update(environment)
    os.environ.update({MAIN_PROCESS: str(os.getpid()), "EXHUME_DEVICE": used})
    settings.cache_clear()
    _device = chosen.device
    return chosen.device


def device_fault() -> str | None:
    """Return why the device that a setting names cannot be used, once it was chosen."""
    return _fault


def hardware() -> dict[str, Any]:
    """Return the description of the machine, without torch."""
    return {
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "processors": os.cpu_count(),
        "memory_bytes": machine_memory(),
        **({"queues": QUEUES_READ} if QUEUES_READ else {}),
    }


def sign_of_life(name: str, found: dict[str, Any]) -> None:
    """Write this worker's row: the machine, its device, what its GPUs do, and any problem."""
    there = gpus()
    try:
        with sync_session() as session:
            now: dict[str, Any] = {"hardware": found | {"gpus": [one.use() for one in there]}, "problem": None}
            if _device is not None:
                now["hardware"] |= {"meets": _device.meets}
                now |= {"device": _device.model_dump(), "memory_bytes": _device.memory_bytes}
                now["problem"] = f"{_fault} {AFTERWARDS}" if _fault else problem(session, name, _device, there)
            row = insert(WorkerNode).values(name=name, **now)
            alive = {"seen_at": func.now(), **now}
            session.execute(row.on_conflict_do_update(index_elements=["name"], set_=alive))
    except DBAPIError as error:
        log.warning(f"worker.{failure(error)}", error=repr(error))


def problem(session: Session, name: str, device: Device, there: list[Gpu]) -> str | None:
    """Return why this worker takes no job that computes, or None if it does.

    Its GPU may be gone, or another worker may have taken it first.
    """
    if device.uuid is None:
        return None
    if device.uuid not in {gpu.uuid for gpu in there}:
        return (
            f"The GPU {device.name} ({device.uuid}) no longer answers. Look for Xid errors in the kernel's log "
            "(dmesg), reset it or restart the machine, then restart this worker."
        )
    mine = select(func.coalesce(func.max(WorkerNode.started_at), func.now())).where(WorkerNode.name == name)
    earlier = session.execute(
        select(WorkerNode.name)
        .where(
            WorkerNode.name != name,
            WorkerNode.device["uuid"].as_string() == device.uuid,
            WorkerNode.seen_at > func.now() - func.make_interval(0, 0, 0, 0, 0, 0, GONE_SECONDS),
            WorkerNode.started_at < mine.scalar_subquery(),
        )
        .limit(1)
    ).scalar_one_or_none()
    if earlier is None:
        return None
    return (
        f"The worker {earlier} uses this GPU ({device.uuid}) too. Give each worker its own with EXHUME_DEVICE. This "
        "worker begins when the other has ended."
    )


def sign_off() -> None:
    """Delete this worker's row."""
    try:
        with sync_session() as session:
            session.execute(delete(WorkerNode).where(WorkerNode.name == node_name()))
    except DBAPIError as error:  # it is forgotten later
        log.warning(f"worker.{failure(error)}", error=repr(error))
