"""Which workers a job fits: those whose device has the memory and the abilities that it needs.

Workers register what they have. There are two queues, for stages and for checks. A message stands
for any job of its queue, and a worker that fits none of them passes it on.
"""

from datetime import datetime, timedelta
from functools import lru_cache
from typing import get_args
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    ScalarSelect,
    Select,
    String,
    and_,
    bindparam,
    case,
    cast,
    exists,
    func,
    literal,
    or_,
    select,
    true,
    type_coerce,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session, aliased

from app.contract.device import DeviceNeed
from app.db.models import Job, WorkerNode
from app.db.states import JobState
from app.jobs.broker import CHECKS, QUEUE, queue_of
from app.jobs.fairness import is_one_of, is_queued, is_running, may_run
from app.jobs.stages import AUDIT_STAGES, Stage

ALIVE = timedelta(seconds=60)
"""Time without a sign of life after which a worker no longer counts."""
GIB = 1024**3
ENOUGH = 2**63 - 1
"""Stands for memory that is not known."""
ALL_NEEDS = get_args(DeviceNeed)


NEED_WORDS = {
    "gpu": "a GPU",
    "cuda": "an NVIDIA GPU",
    "bf16": "a device that multiplies in bf16",
} | {
    need: f"an NVIDIA GPU of compute capability {need.partition('>=')[2]} or more" for need in ALL_NEEDS if ">=" in need
}


@lru_cache
def fits() -> ColumnElement[bool]:
    """Return SQL for a job that the worker named by the parameter `of_worker` may run.

    A worker whose device is not known, such as one that is not registered, may run all of them: if
    it runs out of memory, the job moves on.
    """
    node = select(WorkerNode).where(WorkerNode.name == bindparam("of_worker", type_=String))
    memory = node.with_only_columns(WorkerNode.memory_bytes).scalar_subquery()
    meets = node.with_only_columns(WorkerNode.hardware["meets"]).scalar_subquery()
    problem = node.with_only_columns(WorkerNode.problem).scalar_subquery()
    return and_(
        or_(Job.needs_bytes.is_(None), memory.is_(None), Job.needs_bytes <= memory),
        or_(Job.needs_device.is_(None), meets.is_(None), type_coerce(meets, JSONB).has_key(Job.needs_device)),
        or_(_is_check(), problem.is_(None)),
    )


def is_demanding() -> ColumnElement[bool]:
    """Return SQL for a job that may not fit every worker."""
    return or_(Job.needs_bytes.is_not(None), Job.needs_device.is_not(None))


def some_worker_fits(*, idle: bool = False) -> ColumnElement[bool]:
    """Return SQL for a job that some registered worker may run. `idle`: that has nothing to do.

    The most memory of these workers is found once for a statement, not once for each of its jobs.
    """
    able = cast(_memory_by_need(idle).op("->>")(Job.needs_device), BigInteger)
    any_device = case((_is_check(), _most_memory(CHECKS, idle)), else_=_most_memory(QUEUE, idle))
    most = case((Job.needs_device.is_(None), any_device), else_=able)
    return func.coalesce(Job.needs_bytes, 0) <= func.coalesce(most, -1)


def _most_memory(queue: str, idle: bool) -> ScalarSelect[int]:
    node = aliased(WorkerNode)
    most = func.max(func.coalesce(node.memory_bytes, ENOUGH))
    return select(most).where(_serves(queue, node), *_is_idle(node, idle)).scalar_subquery()


def _memory_by_need(idle: bool) -> ScalarSelect[dict[str, int]]:
    """Select the most memory of the workers that meet a need, as a JSON object by the need.

    A worker whose device is not known counts for every need, as in `fits`.
    """
    node = aliased(WorkerNode)
    need = func.jsonb_array_elements_text(func.coalesce(node.hardware["meets"], literal(list(ALL_NEEDS), JSONB)))
    each = select(need.label("need"), func.coalesce(node.memory_bytes, ENOUGH).label("memory"))
    able = each.where(_serves(QUEUE, node), *_is_idle(node, idle)).subquery()
    most = select(able.c.need, func.max(able.c.memory).label("most")).group_by(able.c.need).subquery()
    return select(func.jsonb_object_agg(most.c.need, most.c.most)).scalar_subquery()


def _is_idle(node: type[WorkerNode], wanted: bool) -> list[ColumnElement[bool]]:
    """Return SQL for a worker that has nothing to do, if one is wanted."""
    busy = aliased(Job)
    return [~exists().where(is_running(busy), busy.worker == node.name)] if wanted else []


def stage_workers(session: Session) -> list[WorkerNode]:
    """Return the workers that run stages of audits now."""
    return list(session.scalars(select(WorkerNode).where(_serves(QUEUE))))


def _serves(queue: str, node: type[WorkerNode] = WorkerNode) -> ColumnElement[bool]:
    """Return SQL for a worker that is alive and takes jobs of this queue."""
    works = true() if queue == CHECKS else node.problem.is_(None)
    return and_(_is_alive(node), _reads(queue, node), works)


def _cannot_compute(node: type[WorkerNode]) -> ColumnElement[bool]:
    """Return SQL for a worker that is alive and would run stages if its device could be used."""
    return and_(_is_alive(node), _reads(QUEUE, node), node.problem.is_not(None))


def _reads(queue: str, node: type[WorkerNode]) -> ColumnElement[bool]:
    queues = node.hardware["queues"]
    return or_(queues.is_(None), queues.contains([queue]))


def _is_alive(node: type[WorkerNode] = WorkerNode) -> ColumnElement[bool]:
    return node.seen_at > func.statement_timestamp() - ALIVE


def _is_check() -> ColumnElement[bool]:
    return ~is_one_of(Job.stage, AUDIT_STAGES)


def stage_devices(session: Session) -> list[str | None]:
    """Return the kind of the device of each worker that runs stages of audits now."""
    return list(session.execute(select(WorkerNode.device["kind"].as_string()).where(_serves(QUEUE))).scalars())


def for_others(session: Session, stages: tuple[Stage, ...], worker: str) -> list[UUID]:
    """Return a job that does not fit this worker and may run on another that has nothing to do."""
    return list(session.execute(_for_others(stages), {"of_worker": worker}).scalars())


@lru_cache
def _for_others(stages: tuple[Stage, ...]) -> Select[UUID]:
    others = may_run(stages, ~fits() & some_worker_fits(idle=True))
    return select(others.subquery().c.id).limit(1)


@lru_cache
def to_publish(stages: tuple[Stage, ...]) -> Select[UUID, datetime | None, bool]:
    """Select the queued jobs that may run now, and that do not have to wait for a busy worker."""
    return may_run(stages, ~is_demanding() | some_worker_fits(idle=True))


@lru_cache
def stranded() -> Select[UUID]:
    """Select the queued jobs that no registered worker may run, and that do not say so yet.

    A job without a need says so only if a worker is there that cannot use its device.
    """
    of_interest = or_(is_demanding(), ~_is_check() & exists().where(_cannot_compute(WorkerNode)))
    chosen = select(Job.id).where(is_queued(), of_interest, ~some_worker_fits(), ~_says_so())
    return chosen.order_by(Job.id).limit(100)


def is_stranded(session: Session, audit_id: UUID) -> bool:
    """Tell whether a job of the audit says that no registered worker may run it."""
    return bool(session.execute(_is_stranded(), {"of_audit": audit_id}).scalar_one())


@lru_cache
def _is_stranded() -> Select[bool]:
    return select(exists().where(Job.audit_id == bindparam("of_audit"), Job.state == JobState.QUEUED, _says_so()))


def _says_so() -> ColumnElement[bool]:
    return func.coalesce(Job.problem["code"].as_string(), "") == "no_worker_fits"


def why_stranded(session: Session, job: Job) -> str:
    """Return the sentence that says why no worker may run a job, and which one could."""
    alive = session.execute(select(func.count()).where(_is_alive())).scalar_one()
    queue = queue_of(Stage(job.stage))
    serving = select(WorkerNode).where(_serves(queue)).order_by(WorkerNode.memory_bytes.desc())
    found = list(session.execute(serving).scalars())
    shard = f", shard {job.shard + 1} of {job.shards}," if job.shards > 1 else ""
    needs = f" with at least {job.needs_bytes / GIB:.1f} GiB of memory" if job.needs_bytes is not None else ""
    if job.needs_device is not None:
        needs = f" with {NEED_WORDS[job.needs_device]}" + needs.replace(" with", " and")
    begin = f"The stage {job.stage}{shard} waits for a worker{needs}"
    if not alive:
        return f"{begin}, and no worker is running. Start one."
    if not found:
        broken = (
            select(WorkerNode.name, WorkerNode.problem).where(_cannot_compute(WorkerNode)).order_by(WorkerNode.name)
        )
        lost = [] if queue == CHECKS else session.execute(broken).all()
        if not lost:
            return f"{begin}. Those that are running do not read its queue. Start another."
        others = ""
        if len(lost) > 1:
            begin = f"{begin}. None of the {len(lost)} workers for this stage can use its device"
            others = " The page System and `exhume doctor` say why the others cannot."
        name, problem = lost[0]
        return f"{begin}. The worker {name} cannot use its device: {problem} Or start another worker.{others}"
    if job.needs_device is not None:
        able = [one for one in found if job.needs_device in one.hardware.get("meets", ALL_NEEDS)]
        if not able:
            return (
                f"{begin}. None of those that are running has it. Start one, or change EXHUME_ATTACK_DEVICE and start "
                "the audit again."
            )
        found = able
    device = (found[0].device or {}).get("name") or "a device of unknown kind"
    has = f"{(found[0].memory_bytes or 0) / GIB:.1f} GiB ({device})"
    whose = " for this stage" if len(found) < alive else ""
    count = f"The only worker{whose} has" if len(found) == 1 else f"The largest of {len(found)} workers{whose} has"
    processor = " It may be a processor." if job.needs_device is None else ""
    return f"{begin}. {count} {has}. Start one on a device with more memory.{processor}"
