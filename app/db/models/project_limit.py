"""Limits of a project. Without a row, and where a column is empty, the settings apply."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, DateTime, Float, ForeignKey, Integer, String, func
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base


class ProjectLimit(Base):
    """How much a project may use, and its share when several projects wait."""

    __tablename__ = "project_limit"
    __table_args__ = (
        CheckConstraint("weight > 0", name="weight"),
        CheckConstraint("running_jobs > 0 AND running_checks > 0 AND open_jobs > 0", name="jobs"),
        CheckConstraint("device_seconds >= 0", name="device_seconds"),
        CheckConstraint("stored_bytes >= 0 AND requests_per_minute > 0 AND processor_seconds >= 0", name="amounts"),
    )

    project_id: Mapped[UUID] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"), primary_key=True)
    weight: Mapped[float | None] = mapped_column(Float)
    running_jobs: Mapped[int | None] = mapped_column(Integer)
    running_checks: Mapped[int | None] = mapped_column(Integer)
    open_jobs: Mapped[int | None] = mapped_column(Integer)
    stored_bytes: Mapped[int | None] = mapped_column(BigInteger)
    requests_per_minute: Mapped[int | None] = mapped_column(Integer)
    processor_seconds: Mapped[int | None] = mapped_column(BigInteger)
    device_seconds: Mapped[int | None] = mapped_column(BigInteger)
    updated_by: Mapped[str] = mapped_column(String(200))
    updated_at: Mapped[datetime] = mapped_column(
        DateTime(timezone=True), server_default=func.now(), onupdate=func.now()
    )
