"""Release: one checkpoint of a target, identified by digest."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    String,
    UniqueConstraint,
    false,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.contract.class_kinds import ClassKind
from app.db.base import Base, Identified
from app.db.states import IntakeState


class Original(StrEnum):
    """State of the uploaded file. Audits use a checked copy."""

    IDENTICAL = "identical"  # the checked copy has the same bytes
    KEPT = "kept"  # in quarantine, until `original_until`
    DELETED = "deleted"
    NOT_SENT = "not_sent"  # the project already had a checked copy


class Release(Identified, Base):
    """A checkpoint and the description of its network: architecture, hyperparameters, convention.

    A twin is the same recipe trained again with the images of each `replaced` identity exchanged
    for those of a stand-in: `[{"identity": name of a class, "stand_in": name of a person outside
    the training set}, ...]`.
    """

    __tablename__ = "release"
    __table_args__ = (
        UniqueConstraint("target_id", "version"),
        Index("ix_release_project_id_created_at_id", "project_id", "created_at", "id"),  # lists, newest first
        Index("ix_release_target_id_created_at_id", "target_id", "created_at", "id"),
        CheckConstraint(f"original IN ({', '.join(repr(o.value) for o in Original)})", name="original"),
        CheckConstraint(f"classes_are IN ({', '.join(repr(k.value) for k in ClassKind)})", name="classes_are"),
        CheckConstraint("(original_key IS NOT NULL) = (original IS NOT DISTINCT FROM 'kept')", name="original_key"),
    )

    project_id: Mapped[UUID] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"))
    target_id: Mapped[UUID] = mapped_column(ForeignKey("target.id", ondelete="CASCADE"))
    version: Mapped[str] = mapped_column(String(100))
    architecture: Mapped[str] = mapped_column(String(200))
    hyperparameters: Mapped[dict[str, Any]] = mapped_column(JSONB)
    convention: Mapped[dict[str, Any]] = mapped_column(JSONB)
    classes: Mapped[list[str]] = mapped_column(JSONB)
    classes_are: Mapped[ClassKind] = mapped_column(String(20), server_default=ClassKind.PERSON)
    class_order_confirmed: Mapped[bool] = mapped_column(Boolean, server_default=false())
    state: Mapped[IntakeState] = mapped_column(String(20), server_default=IntakeState.AWAITING_UPLOAD)
    problem: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    sha256: Mapped[str | None] = mapped_column(String(64), index=True)
    size_bytes: Mapped[int | None] = mapped_column(BigInteger)
    stored_bytes: Mapped[int | None] = mapped_column(BigInteger)  # of the checked copy
    object_key: Mapped[str | None] = mapped_column(String(300))
    # None until the checks have ended, and when the file is rejected.
    original: Mapped[Original | None] = mapped_column(String(20))
    original_key: Mapped[str | None] = mapped_column(String(300))
    original_until: Mapped[datetime | None] = mapped_column(DateTime(timezone=True), index=True)
    examination: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    signature: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    origin: Mapped[dict[str, Any] | None] = mapped_column(JSONB)  # null in rows of older versions
    twin_of: Mapped[UUID | None] = mapped_column(ForeignKey("release.id", ondelete="CASCADE"), index=True)
    replaced: Mapped[list[dict[str, str]] | None] = mapped_column(JSONB)
    row_version: Mapped[int] = mapped_column(Integer, server_default="1")
    __mapper_args__ = {"version_id_col": row_version}  # noqa: RUF012
