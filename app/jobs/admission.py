"""Which workers a job fits: their device has the memory that it needs, and did not fail in it.

Workers register what they have. Queues do not matter here beyond stages and checks: a message
stands for any job of its queue, and a worker for which there is none passes it on.
"""

from collections.abc import Collection
from datetime import timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, any_, exists, func, literal, not_, or_, select
from sqlalchemy.orm import Session, aliased

from app.db.models import Job, WorkerNode
from app.db.states import JobState
from app.jobs.broker import CHECKS, QUEUE
from app.jobs.fairness import may_run
from app.jobs.stages import AUDIT_STAGES, Stage

ALIVE = timedelta(seconds=60)
"""Time without a sign of life after which a worker no longer counts."""
GIB = 1024**3


def fits(worker: str) -> ColumnElement[bool]:
    """Return SQL for a job that this worker may run.

    A worker whose memory is not known, such as one that is not registered, may run all of them: if
    it runs out, the job moves on.
    """
    node = select(WorkerNode).where(WorkerNode.name == worker)
    memory = node.with_only_columns(WorkerNode.memory_bytes).scalar_subquery()
    problem = node.with_only_columns(WorkerNode.problem).scalar_subquery()
    return and_(
        or_(Job.needs_bytes.is_(None), memory.is_(None), Job.needs_bytes <= memory),
        or_(_is_check(), problem.is_(None)),
        not_(literal(worker) == any_(Job.avoids)),
    )


def is_demanding() -> ColumnElement[bool]:
    """Return SQL for a job that does not fit every worker."""
    return or_(Job.needs_bytes.is_not(None), func.cardinality(Job.avoids) > 0)


def some_worker_fits(*, idle: bool = False) -> ColumnElement[bool]:
    """Return SQL for a job that a registered worker may run, or one that has nothing to do."""
    node, busy = aliased(WorkerNode), aliased(Job)
    queues = node.hardware["queues"]
    suitable = and_(
        node.seen_at > func.statement_timestamp() - ALIVE,
        or_(Job.needs_bytes.is_(None), node.memory_bytes.is_(None), Job.needs_bytes <= node.memory_bytes),
        or_(_is_check(), node.problem.is_(None)),
        or_(
            queues.is_(None), and_(_is_check(), queues.contains([CHECKS])), and_(~_is_check(), queues.contains([QUEUE]))
        ),
        not_(node.name == any_(Job.avoids)),
    )
    if idle:
        suitable &= ~exists().where(busy.state == JobState.RUNNING, busy.worker == node.name)
    return exists().where(suitable)


def _is_check() -> ColumnElement[bool]:
    return Job.stage.not_in(AUDIT_STAGES)


def for_others(session: Session, stages: Collection[Stage], worker: str) -> list[UUID]:
    """Return a job that does not fit this worker and may run on another that has nothing to do."""
    others = may_run(stages, ~fits(worker) & some_worker_fits(idle=True))
    return list(session.execute(select(others.subquery().c.id).limit(1)).scalars())


def stranded() -> Select[UUID]:
    """Select the queued jobs that no registered worker may run, and that do not say so yet."""
    chosen = select(Job.id).where(Job.state == JobState.QUEUED, is_demanding(), ~some_worker_fits(), ~_says_so())
    return chosen.order_by(Job.id).limit(100)


def is_stranded(session: Session, audit_id: UUID) -> bool:
    """Tell whether a job of the audit says that no registered worker may run it."""
    found = exists().where(Job.audit_id == audit_id, Job.state == JobState.QUEUED, _says_so())
    return bool(session.execute(select(found)).scalar_one())


def _says_so() -> ColumnElement[bool]:
    return func.coalesce(Job.problem["code"].as_string(), "") == "no_worker_fits"


def why_stranded(session: Session, job: Job) -> str:
    """Return the sentence that says why no worker may run a job, and which one could."""
    seen = WorkerNode.seen_at > func.statement_timestamp() - ALIVE
    nodes = session.execute(select(WorkerNode).where(seen).order_by(WorkerNode.memory_bytes.desc().nulls_last()))
    found = list(nodes.scalars())
    shard = f", shard {job.shard + 1} of {job.shards}," if job.shards > 1 else ""
    needs = f" with at least {job.needs_bytes / GIB:.1f} GiB of memory" if job.needs_bytes is not None else ""
    begin = f"The stage {job.stage}{shard} waits for a worker"
    if not found:
        return f"{begin}{needs}, and no worker is running. Start one."
    largest = found[0]
    if job.needs_bytes is not None and (largest.memory_bytes or 0) < job.needs_bytes:
        device = (largest.device or {}).get("name") or "a device of unknown kind"
        has = f"{(largest.memory_bytes or 0) / GIB:.1f} GiB ({device})"
        count = "The only worker has" if len(found) == 1 else f"The largest of {len(found)} workers has"
        return f"{begin}{needs}. {count} {has}. Start one on a device with more memory; a processor will do."
    return (
        f"{begin}{needs}. Those that are running do not read its queue, cannot use their device, or failed in this "
        "job. System shows the reason. Start another."
    )
