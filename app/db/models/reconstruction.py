"""Reconstruction: an image made by an attack for one identity, encrypted with the audit's key."""

from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, Float, ForeignKey, Integer, LargeBinary, String, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, Identified


class Reconstruction(Identified, Base):
    """A PNG sealed with AES-GCM.

    `digest` is the SHA-256 of the pixels and survives deletion of the key. `source` is `attack` or
    the name of a control (`prior`). `attack` is the index of the attack in the plan, or of the one
    that the control belongs to. `submitted` marks the one image per (identity, source, attack)
    that the attacker submits, chosen by target-side scores alone. `sealed_film` is a PNG of the
    search at `film_steps`, side by side, and is kept and destroyed like the image.
    """

    __tablename__ = "reconstruction"
    __table_args__ = (UniqueConstraint("audit_id", "source", "attack", "identity", "seed", "restart"),)

    project_id: Mapped[UUID] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"), index=True)
    audit_id: Mapped[UUID] = mapped_column(ForeignKey("audit.id", ondelete="CASCADE"), index=True)
    source: Mapped[str] = mapped_column(String(30))
    attack: Mapped[int] = mapped_column(Integer, server_default="0")
    identity: Mapped[int] = mapped_column(Integer)  # class index of the target
    seed: Mapped[int] = mapped_column(Integer)
    restart: Mapped[int] = mapped_column(Integer)
    submitted: Mapped[bool] = mapped_column(Boolean)
    sealed_image: Mapped[bytes | None] = mapped_column(LargeBinary)
    sealed_film: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    film_steps: Mapped[list[int] | None] = mapped_column(JSONB)
    digest: Mapped[str] = mapped_column(String(64))
    target_score: Mapped[float | None] = mapped_column(Float)
    target_confidence: Mapped[float | None] = mapped_column(Float)
    details: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}")
