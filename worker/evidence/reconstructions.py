"""Reconstructions between the engine and the database: sealed PNG in, checked arrays out."""

import hashlib
import io
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import numpy as np
from PIL import Image
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from app.db.models import Reconstruction
from app.errors import ConflictError
from app.jobs.sealing import image_context
from app.kit.crypto import open_audit_key, seal, unseal
from app.kit.ids import public_id
from worker.evidence.inputs import AuditInputs

ATTACK = "attack"
PRIOR_CONTROL = "prior"
NEAREST_PUBLIC = "nearest-public"
TWIN = "twin"


@dataclass(frozen=True)
class Picture:
    """One image on its way to or from a row."""

    source: str
    identity: int
    seed: int
    restart: int
    image: np.ndarray
    submitted: bool
    target_score: float | None = None
    target_confidence: float | None = None
    details: dict[str, Any] = field(default_factory=dict)
    id: UUID | None = None

    @property
    def digest(self) -> str:
        """SHA-256 of identity, restart, seed, shape and pixels, in hex; the engine's own digest is the same."""
        start = f"{self.identity}:{self.restart}:{self.seed}:{self.image.shape}".encode()
        return hashlib.sha256(start + np.ascontiguousarray(self.image).tobytes()).hexdigest()


class DamagedReconstructionError(ConflictError):
    """A stored image is gone, or is not the one whose digest was recorded."""

    def __init__(self, row: Reconstruction, what: str) -> None:
        super().__init__(
            "reconstruction_damaged",
            f"A reconstruction of this audit {what} ({public_id('rec', row.id)}), so it cannot be judged. Start the "
            "audit again, and find out who can write to the database.",
        )


def insert_pictures(session: Session, inputs: AuditInputs, pictures: list[Picture]) -> None:
    """Write sealed rows."""
    key = open_audit_key(inputs.sealed_key)
    rows = [
        {
            "project_id": inputs.project_id,
            "audit_id": inputs.audit_id,
            "source": picture.source,
            "identity": picture.identity,
            "seed": picture.seed,
            "restart": picture.restart,
            "submitted": picture.submitted,
            "sealed_image": seal(key, png(picture.image), context_of(inputs.audit_id, picture)),
            "digest": picture.digest,
            "target_score": picture.target_score,
            "target_confidence": picture.target_confidence,
            "details": picture.details,
        }
        for picture in pictures
    ]
    session.execute(insert(Reconstruction), rows)


def read_pictures(session: Session, inputs: AuditInputs) -> list[Picture]:
    """Every image of the audit, opened and compared with its digest, in canonical order."""
    key = open_audit_key(inputs.sealed_key)
    statement = select(Reconstruction).where(Reconstruction.audit_id == inputs.audit_id).order_by(*CANONICAL_ORDER)
    return [_open(row, key) for row in session.execute(statement).scalars()]


def _open(row: Reconstruction, key: bytes) -> Picture:
    context = image_context(row.audit_id, row.source, row.identity, row.seed, row.restart)
    if row.sealed_image is None:
        raise DamagedReconstructionError(row, "has been deleted")
    picture = Picture(
        source=row.source,
        identity=row.identity,
        seed=row.seed,
        restart=row.restart,
        image=np.asarray(Image.open(io.BytesIO(unseal(key, row.sealed_image, context)))),
        submitted=row.submitted,
        target_score=row.target_score,
        target_confidence=row.target_confidence,
        details=row.details,
        id=row.id,
    )
    if picture.digest != row.digest:
        raise DamagedReconstructionError(row, "is not the one that was stored")
    return picture


CANONICAL_ORDER = (Reconstruction.source, Reconstruction.identity, Reconstruction.seed, Reconstruction.restart)


def frozen_digest(session: Session, audit_id: UUID) -> tuple[str, int]:
    """One digest over all reconstructions of an audit, in canonical order, and how many there are."""
    columns = (*CANONICAL_ORDER, Reconstruction.submitted, Reconstruction.digest)
    statement = select(*columns).where(Reconstruction.audit_id == audit_id).order_by(*CANONICAL_ORDER)
    rows = session.execute(statement).all()
    whole = hashlib.sha256()
    for row in rows:
        whole.update("/".join(str(value) for value in row).encode() + b"\n")
    return f"sha256:{whole.hexdigest()}", len(rows)


def context_of(audit_id: UUID, picture: Picture) -> str:
    """The associated data of a picture's ciphertext."""
    return image_context(audit_id, picture.source, picture.identity, picture.seed, picture.restart)


def png(image: np.ndarray) -> bytes:
    """uint8 (H, W) or (H, W, 3) as PNG, lossless."""
    out = io.BytesIO()
    Image.fromarray(image).save(out, "PNG")
    return out.getvalue()
