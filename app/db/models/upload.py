"""Upload: a file being received in pieces or fetched, for a release, a data set or a verifier."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, DateTime, ForeignKey, String, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, Identified
from app.db.states import UploadState


class Upload(Identified, Base):
    """A resumable upload.

    `received` bytes are safe. Only the holder of the lease may write, until the lease ends. An
    upload with an `address` is an import: a job fetches the bytes, and `length` is 0 until the
    remote server has reported it.
    """

    __tablename__ = "upload"
    __table_args__ = (
        CheckConstraint("num_nonnulls(release_id, dataset_id, verifier_id) = 1", name="one_subject"),
        CheckConstraint("received >= 0 AND received <= length", name="received"),
        CheckConstraint(f"state IN ({', '.join(repr(s.value) for s in UploadState)})", name="state"),
    )

    project_id: Mapped[UUID] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"), index=True)
    release_id: Mapped[UUID | None] = mapped_column(ForeignKey("release.id", ondelete="CASCADE"), index=True)
    dataset_id: Mapped[UUID | None] = mapped_column(ForeignKey("dataset.id", ondelete="CASCADE"), index=True)
    verifier_id: Mapped[UUID | None] = mapped_column(ForeignKey("verifier.id", ondelete="CASCADE"), index=True)
    address: Mapped[str | None] = mapped_column(String(1000))
    requested_by: Mapped[str] = mapped_column(String(200))
    state: Mapped[UploadState] = mapped_column(String(20), server_default=UploadState.RECEIVING)
    problem: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    upload_metadata: Mapped[str | None] = mapped_column(Text)  # as the client sent it
    filename: Mapped[str | None] = mapped_column(String(255))
    sha256: Mapped[str | None] = mapped_column(String(64))  # announced
    length: Mapped[int] = mapped_column(BigInteger)
    received: Mapped[int] = mapped_column(BigInteger, server_default="0")
    object_key: Mapped[str | None] = mapped_column(String(300))
    # what the store needs to resume
    parts: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}")
    lease_id: Mapped[UUID | None] = mapped_column()
    lease_until: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    expires_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), index=True)
