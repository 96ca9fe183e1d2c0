"""The document at `/api/v1/system`: versions, workers, queue and storage."""

import platform
from datetime import UTC, datetime, timedelta

import anyio
from pydantic import Field
from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from app import __version__
from app.auth.subject import Subject, within
from app.db.models import Job, WorkerNode
from app.db.states import FINISHED_JOB
from app.kit.schema import Document, Json, Timestamp
from app.settings import settings
from app.storage.store import store

RECENTLY = timedelta(minutes=2)


class Versions(Document):
    """Versions of the running software."""

    exhume: str
    python: str
    postgresql: str


class Worker(Document):
    """A worker process seen during the last week."""

    name: str
    started_at: Timestamp
    seen_at: Timestamp
    alive: bool = False
    hardware: Json


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
    workers = []
    for node in nodes:
        worker = Worker.model_validate(node, from_attributes=True)
        workers.append(worker.model_copy(update={"alive": node.seen_at >= recently}))
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
