"""Storage of reconstructions: as sealed PNG in the database, read as checked arrays."""

import hashlib
import io
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from typing import Any
from uuid import UUID

import numpy as np
from PIL import Image
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from app.db.models import Reconstruction
from app.errors import ConflictError
from app.jobs.sealing import film_context, image_context
from app.kit.crypto import seal, unseal
from app.kit.ids import public_id
from app.vault.keys import find_key, pictures_of
from worker.evidence.films import pictured
from worker.evidence.inputs import AuditInputs
from worker.inversion.attacks.film import Strip
from worker.inversion.attacks.reconstruction import Reconstruction as Made
from worker.inversion.attacks.reconstruction import image_digest

ATTACK = "attack"
PRIOR_CONTROL = "prior"
NEAREST_PUBLIC = "nearest-public"
TWIN = "twin"

SAME_IN_ROW = (
    *("source", "attack", "identity", "seed", "restart", "submitted", "target_score", "target_confidence", "details"),
)
"""Fields of a picture with a column of the same name."""


@dataclass(frozen=True)
class Picture:
    """One image that is written to or read from a row.

    Attributes:
        attack: index in the plan of the attack, or of the one that a control belongs to.
        film: of the search, to be written. It is not read.
        details: everything that the engine reports of a reconstruction and that has no column.
    """

    source: str
    identity: int
    seed: int
    restart: int
    image: np.ndarray
    submitted: bool
    target_score: float | None = None
    target_confidence: float | None = None
    details: dict[str, Any] = field(default_factory=dict)
    attack: int = 0
    film: Strip | None = None
    id: UUID | None = None

    @classmethod
    def of(cls, source: str, made: Made, attack: int, **details: Any) -> "Picture":
        """Convert a reconstruction of the engine, with further details."""
        held = dict(vars(made))
        own = {one.name: held.pop(one.name) for one in fields(cls) if one.name in held}
        return cls(source=source, submitted=held.pop("selected"), details=held | details, attack=attack, **own)

    @classmethod
    def from_row(cls, row: Reconstruction, key: bytes) -> "Picture":
        """Open a sealed row.

        Raises: DamagedReconstructionError when its image is not the recorded one.
        """
        if row.sealed_image is None:
            raise DamagedReconstructionError(row, "has been deleted")
        context = image_context(row.audit_id, row.source, row.identity, row.seed, row.restart, attack=row.attack)
        image = np.asarray(Image.open(io.BytesIO(unseal(key, row.sealed_image, context))))
        picture = cls(image=image, id=row.id, **{name: getattr(row, name) for name in SAME_IN_ROW})
        if picture.digest != row.digest:
            raise DamagedReconstructionError(row, "is not the one that was stored")
        return picture

    def to_row(self, inputs: AuditInputs, key: bytes) -> dict[str, Any]:
        """Return the values of the columns, with the image sealed for this audit."""
        context = image_context(
            inputs.audit_id, self.source, self.identity, self.seed, self.restart, attack=self.attack
        )
        return {
            "project_id": inputs.project_id,
            "audit_id": inputs.audit_id,
            "sealed_image": seal(key, png(self.image), context),
            "sealed_film": seal(key, png(pictured(self.film)), film_context(context)) if self.film else None,
            "film_steps": list(self.film.steps) if self.film else None,
            "digest": self.digest,
            **{name: getattr(self, name) for name in SAME_IN_ROW},
        }

    @property
    def digest(self) -> str:
        """The engine's digest, in hex without its prefix."""
        return image_digest(self.image, identity=self.identity, restart=self.restart, seed=self.seed)


class DamagedReconstructionError(ConflictError):
    """A stored image is missing, or does not have the recorded digest."""

    def __init__(self, row: Reconstruction, what: str) -> None:
        super().__init__(
            "reconstruction_damaged",
            f"A reconstruction of this audit {what} ({public_id('rec', row.id)}), so it cannot be judged. Start the "
            "audit again, and find out who can write to the database.",
        )


def insert_pictures(session: Session, inputs: AuditInputs, pictures: list[Picture]) -> None:
    """Write sealed rows."""
    key = _key_of(session, inputs)
    session.execute(insert(Reconstruction), [picture.to_row(inputs, key) for picture in pictures])


def read_pictures(session: Session, inputs: AuditInputs) -> list[Picture]:
    """Return all images of the audit in canonical order, each compared with its digest.

    Of an audit that ended early, those of its identities alone.
    """
    key, own = _key_of(session, inputs), Reconstruction.audit_id == inputs.audit_id
    if inputs.part is not None:
        own &= Reconstruction.identity.in_(inputs.part)
    statement = select(Reconstruction).where(own).order_by(*CANONICAL_ORDER)
    return [Picture.from_row(row, key) for row in session.execute(statement).scalars()]


def _key_of(session: Session, inputs: AuditInputs) -> bytes:
    key = find_key(session, pictures_of(inputs.audit_id))
    if key is None:
        raise ConflictError("inputs_deleted", "The pictures of this audit were deleted. Start it again.")
    return key


CANONICAL_ORDER = (
    *(Reconstruction.source, Reconstruction.attack, Reconstruction.identity, Reconstruction.seed),
    Reconstruction.restart,
)


def frozen_digest(session: Session, audit_id: UUID, *, only: Sequence[int] | None = None) -> tuple[str, int]:
    """Return the digest of all reconstructions of an audit, and their number.

    Args:
        only: of the attacks' reconstructions, those of these identities alone. Controls all count.
    """
    columns, own = (
        (*CANONICAL_ORDER, Reconstruction.submitted, Reconstruction.digest),
        Reconstruction.audit_id == audit_id,
    )
    if only is not None:
        own &= (Reconstruction.source != ATTACK) | Reconstruction.identity.in_(only)
    statement = select(*columns).where(own).order_by(*CANONICAL_ORDER)
    rows = session.execute(statement).all()
    whole = hashlib.sha256()
    for source, attack, *rest in rows:
        named = (source, *rest, attack) if attack else (source, *rest)  # as in audits of one attack
        whole.update("/".join(str(value) for value in named).encode() + b"\n")
    return f"sha256:{whole.hexdigest()}", len(rows)


def png(image: np.ndarray) -> bytes:
    """Encode uint8 (H, W) or (H, W, 3) as PNG."""
    out = io.BytesIO()
    Image.fromarray(image).save(out, "PNG")
    return out.getvalue()
