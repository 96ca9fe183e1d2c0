"""Job: a stage of an audit, an identity shard of a stage, or an intake.

The row is the source of truth and the outbox.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    DateTime,
    Float,
    ForeignKey,
    Index,
    Integer,
    String,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, Identified
from app.db.states import JobState
from app.observability.traces import traceparent


class Job(Identified, Base):
    """A unit of work with a lease. `attempt` fences every write by a worker."""

    __tablename__ = "job"
    __table_args__ = (
        UniqueConstraint("audit_id", "stage", "shard"),
        CheckConstraint("(audit_id IS NULL) != (subject_id IS NULL)", name="one_owner"),
        CheckConstraint(f"state IN ({', '.join(repr(s.value) for s in JobState)})", name="state"),
        # without `lease_until`: a heartbeat changes it, and would otherwise write to every index
        Index("ix_job_running", "project_id", postgresql_where="state = 'running'"),
        Index("ix_job_queued", "project_id", "id", postgresql_where="state = 'queued'"),
        # the oldest job of a project in the queue, of audits and of checks
        Index("ix_job_next_stage", "project_id", "id", postgresql_where="state = 'queued' AND audit_id IS NOT NULL"),
        Index("ix_job_next_check", "project_id", "id", postgresql_where="state = 'queued' AND audit_id IS NULL"),
        Index("ix_job_finished_at", "finished_at", postgresql_where="finished_at IS NOT NULL"),
    )

    project_id: Mapped[UUID] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"), index=True)
    audit_id: Mapped[UUID | None] = mapped_column(ForeignKey("audit.id", ondelete="CASCADE"), index=True)
    subject_id: Mapped[UUID | None] = mapped_column()  # the release or data set of an intake job
    stage: Mapped[str] = mapped_column(String(30))
    shard: Mapped[int] = mapped_column(Integer, server_default="0")
    shards: Mapped[int] = mapped_column(Integer, server_default="1")
    payload: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}")
    state: Mapped[JobState] = mapped_column(String(20))
    attempt: Mapped[int] = mapped_column(Integer, server_default="0")
    max_attempts: Mapped[int] = mapped_column(Integer)
    worker: Mapped[str | None] = mapped_column(String(200))
    # kind of the device of the worker that claimed it last; null: never claimed, or not known
    device: Mapped[str | None] = mapped_column(String(20))
    # returned to the queue for lack of something; such an attempt does not count
    setbacks: Mapped[int] = mapped_column(Integer, server_default="0")
    not_before: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    lease_until: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    published_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    started_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    finished_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    done: Mapped[int] = mapped_column(Integer, server_default="0")  # progress numerator
    # progress denominator; 0 while unknown
    total: Mapped[int] = mapped_column(Integer, server_default="0")
    estimate_seconds: Mapped[float | None] = mapped_column(Float)
    problem: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    # digests and figures from the stage
    result: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    # points of the search, `app.contract.curve.CurvePoint`; read on its own
    curve: Mapped[list[list[float | None]] | None] = mapped_column(JSONB, deferred=True)
    peak_memory_bytes: Mapped[int | None] = mapped_column(BigInteger)
    # memory of a device in which the job fits; null: not measured yet
    needs_bytes: Mapped[int | None] = mapped_column(BigInteger)
    # `app.contract.device.DeviceNeed`; null: any device
    needs_device: Mapped[str | None] = mapped_column(String(20))
    traceparent: Mapped[str | None] = mapped_column(String(55), default=traceparent)
