"""Worker node: a worker process seen recently and its device.

It is never used to reap jobs, which depend on their leases alone.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, DateTime, String, Text, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base


class WorkerNode(Base):
    """Name, device and last heartbeat."""

    __tablename__ = "worker_node"

    name: Mapped[str] = mapped_column(String(200), primary_key=True)
    started_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    seen_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    hardware: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}")
    # `app.contract.device.Device`; null: a worker of an older version
    device: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    memory_bytes: Mapped[int | None] = mapped_column(BigInteger)  # of the device, for a job to fit in
    problem: Mapped[str | None] = mapped_column(Text)  # why it takes no job that computes
