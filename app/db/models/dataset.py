"""Dataset: public or private images, identified by digest."""

from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Integer, String, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, Identified
from app.db.states import IntakeState


class DatasetRole(StrEnum):
    """The use of a data set.

    `public` images are available to an attacker. `private` images are training images of the
    model, which no attacking stage sees. `gallery` images show people outside the training set,
    among whom the verifiers must find the right person.
    """

    PUBLIC = "public"
    PRIVATE = "private"
    GALLERY = "gallery"


class Dataset(Identified, Base):
    """Images packed as one uint8 array.

    `images_digest` covers the pixels; `digest` covers pixels, labels, split and names; `sha256`
    covers the uploaded file. `notes` are sentences about changes and omissions during the checks.
    """

    __tablename__ = "dataset"
    __table_args__ = (UniqueConstraint("project_id", "name"),)

    project_id: Mapped[UUID] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(100))
    role: Mapped[DatasetRole] = mapped_column(String(10))
    state: Mapped[IntakeState] = mapped_column(String(20), server_default=IntakeState.AWAITING_UPLOAD)
    problem: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    sha256: Mapped[str | None] = mapped_column(String(64))
    size_bytes: Mapped[int | None] = mapped_column(BigInteger)
    stored_bytes: Mapped[int | None] = mapped_column(BigInteger)  # of the checked copy
    object_key: Mapped[str | None] = mapped_column(String(300))
    images_digest: Mapped[str | None] = mapped_column(String(80), index=True)
    digest: Mapped[str | None] = mapped_column(String(80), index=True)
    notes: Mapped[list[str] | None] = mapped_column(JSONB)
    images: Mapped[int | None] = mapped_column(Integer)
    height: Mapped[int | None] = mapped_column(Integer)
    width: Mapped[int | None] = mapped_column(Integer)
    channels: Mapped[int | None] = mapped_column(Integer)
    identities: Mapped[list[str] | None] = mapped_column(JSONB)
    origin: Mapped[dict[str, Any] | None] = mapped_column(JSONB)  # null in rows of older versions
