"""The document at `/api/v1/system`: versions, workers, queue and storage."""

import platform
from datetime import UTC, datetime, timedelta
from typing import Literal

import anyio
from pydantic import Field
from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from app import __version__
from app.auth.subject import Subject, within
from app.contract.device import Device, DeviceUse
from app.db.models import Job, WorkerNode
from app.db.states import FINISHED_JOB, JobState
from app.jobs.broker import CHECKS, QUEUE, QUEUES
from app.kit.ids import public_id
from app.kit.schema import Document, Json, Timestamp
from app.settings import settings
from app.storage.store import store

RECENTLY = timedelta(minutes=2)


class Versions(Document):
    """Versions of the running software."""

    exhume: str
    python: str
    postgresql: str


class RunningJob(Document):
    """A job that a worker runs now."""

    audit_id: str | None = Field(None, description="Its audit. Null for checks of uploads.")
    stage: str
    shard: int
    shards: int
    started_at: Timestamp | None = None


class Worker(Document):
    """A worker process. One that ended without signing off is listed for an hour."""

    name: str
    started_at: Timestamp
    seen_at: Timestamp
    alive: bool = False
    takes: list[Literal["audits", "checks"]] = Field(
        default_factory=list, description="Jobs that it takes: stages of audits, and checks of uploads and imports."
    )
    hardware: Json
    device: Device | None = Field(None, description="The device that it computes on.")
    use: DeviceUse | None = Field(None, description="What its GPU is doing.")
    problem: str | None = Field(None, description="Why it takes no job that computes.")
    running: list[RunningJob] = Field(
        default_factory=list, description="Jobs that it runs now, of the projects that the caller may see."
    )


class Storage(Document):
    """Storage of large files."""

    kind: str
    free_bytes: int | None


class System(Document):
    """The installation."""

    versions: Versions
    workers: list[Worker]
    queue: dict[str, int] = Field(description="Unfinished jobs by state, of the projects that the caller may see.")
    storage: Storage
    retention_days: int
    original_days: int
    max_checkpoint_bytes: int
    max_dataset_bytes: int
    import_hosts: list[str] = Field(description="Hosts and buckets that files may be fetched from. Empty if none.")


async def overview(session: AsyncSession, subject: Subject) -> System:
    """Collect the document. It counts the jobs that the subject may see."""
    server = (await session.execute(text("SHOW server_version"))).scalar_one()
    nodes = (await session.execute(select(WorkerNode).order_by(WorkerNode.seen_at.desc()))).scalars()
    recently = datetime.now(UTC) - RECENTLY
    busy = await running_jobs(session, subject)
    workers = []
    for node in nodes:
        worker = Worker.model_validate(node, from_attributes=True)
        more = {
            "alive": node.seen_at >= recently,
            "takes": taken_by(node),
            "use": use_of(node),
            "running": busy.get(node.name, []),
        }
        workers.append(worker.model_copy(update=more))
    unfinished = Job.state.not_in([state.value for state in FINISHED_JOB])
    open_jobs = within(select(Job.state, func.count()).where(unfinished), Job.project_id, subject)
    current = store()
    return System(
        versions=Versions(exhume=__version__, python=platform.python_version(), postgresql=str(server).split()[0]),
        workers=workers,
        queue={row[0]: row[1] for row in await session.execute(open_jobs.group_by(Job.state))},
        storage=Storage(
            kind="folder" if current.folder is not None else current.url.partition(":")[0],
            free_bytes=await anyio.to_thread.run_sync(current.free_bytes),
        ),
        retention_days=settings().retention_days,
        original_days=settings().original_days,
        max_checkpoint_bytes=settings().max_checkpoint_bytes,
        max_dataset_bytes=settings().max_dataset_bytes,
        import_hosts=settings().import_hosts,
    )


async def running_jobs(session: AsyncSession, subject: Subject) -> dict[str, list[RunningJob]]:
    """Return the jobs that each worker runs, of those that the subject may see."""
    columns = select(Job.worker, Job.audit_id, Job.stage, Job.shard, Job.shards, Job.started_at)
    statement = within(columns.where(Job.state == JobState.RUNNING, Job.worker.is_not(None)), Job.project_id, subject)
    found: dict[str, list[RunningJob]] = {}
    for worker, audit_id, stage, shard, shards, started in await session.execute(statement.order_by(Job.started_at)):
        assert worker is not None
        audit = None if audit_id is None else public_id("aud", audit_id)
        job = RunningJob(audit_id=audit, stage=stage, shard=shard, shards=shards, started_at=started)
        found.setdefault(worker, []).append(job)
    return found


def taken_by(node: WorkerNode) -> list[str]:
    """Return the kinds of jobs that a worker takes. One that names no queue takes all."""
    queues = node.hardware.get("queues", QUEUES)
    return [kind for kind, queue in (("audits", QUEUE), ("checks", CHECKS)) if queue in queues]


def use_of(node: WorkerNode) -> DeviceUse | None:
    """Return what the GPU of a worker is doing, from the GPUs of its machine."""
    uuid = (node.device or {}).get("uuid")
    found = next((gpu for gpu in node.hardware.get("gpus", []) if uuid and gpu.get("uuid") == uuid), None)
    return None if found is None else DeviceUse.model_validate(found)
