"""Worker node: a worker process seen recently, shown by `/system` and `exhume doctor`.

It is never used to reap jobs.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import DateTime, String, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base


class WorkerNode(Base):
    """Name, hardware and last heartbeat."""

    __tablename__ = "worker_node"

    name: Mapped[str] = mapped_column(String(200), primary_key=True)
    started_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    seen_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    hardware: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}")
