"""Verifier: an embedder that compares identities, uploaded as ONNX and identified by digest."""

from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Integer, String, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, Identified
from app.db.states import IntakeState


class Verifier(Identified, Base):
    """A verifier. Its maker states the `card`; the intake measures `examination` and the size."""

    __tablename__ = "verifier"
    __table_args__ = (UniqueConstraint("project_id", "name"),)

    project_id: Mapped[UUID] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(100))
    convention: Mapped[dict[str, Any]] = mapped_column(JSONB)
    card: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    state: Mapped[IntakeState] = mapped_column(String(20), server_default=IntakeState.AWAITING_UPLOAD)
    problem: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    sha256: Mapped[str | None] = mapped_column(String(64), index=True)
    size_bytes: Mapped[int | None] = mapped_column(BigInteger)
    stored_bytes: Mapped[int | None] = mapped_column(BigInteger)  # of the checked copy
    object_key: Mapped[str | None] = mapped_column(String(300))
    height: Mapped[int | None] = mapped_column(Integer)
    width: Mapped[int | None] = mapped_column(Integer)
    channels: Mapped[int | None] = mapped_column(Integer)
    dim: Mapped[int | None] = mapped_column(Integer)
    examination: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
