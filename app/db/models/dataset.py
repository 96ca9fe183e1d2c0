"""Dataset: a public or private image set, by digest."""

from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Integer, String, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, Identified
from app.db.states import IntakeState


class DatasetRole(StrEnum):
    """What the set is for.

    `public` is what an attacker has. `private` is what the model was trained on; no stage that attacks sees it.
    `gallery` holds people who were not trained on, among whom the verifiers have to find the right one.
    """

    PUBLIC = "public"
    PRIVATE = "private"
    GALLERY = "gallery"


class Dataset(Identified, Base):
    """Images packed as one uint8 array.

    `images_digest` identifies the pixels; `digest` pixels, labels, split and names together; `sha256` the uploaded
    file. `notes` are sentences about what was changed or left out on the way in.
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
    object_key: Mapped[str | None] = mapped_column(String(300))
    images_digest: Mapped[str | None] = mapped_column(String(80), index=True)
    digest: Mapped[str | None] = mapped_column(String(80), index=True)
    notes: Mapped[list[str] | None] = mapped_column(JSONB)
    images: Mapped[int | None] = mapped_column(Integer)
    height: Mapped[int | None] = mapped_column(Integer)
    width: Mapped[int | None] = mapped_column(Integer)
    channels: Mapped[int | None] = mapped_column(Integer)
    identities: Mapped[list[str] | None] = mapped_column(JSONB)
