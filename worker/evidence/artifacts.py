"""Artifacts: made once per inputs, stored, and reused by later audits of the project."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.db.models import Artifact, ArtifactUse
from app.jobs.stages import Stage
from app.kit.crypto import UnsealError
from app.storage.store import MissingObjectError
from worker.evidence.files import sha256_of
from worker.inversion.keys import Key
from worker.job import objects
from worker.job.context import StageContext
from worker.job.lacking import LackingError

log = structlog.get_logger(__name__)

Make = Callable[[Path], dict[str, Any]]


@dataclass(frozen=True)
class Made:
    """A file in the scratch folder, and whether it was reused."""

    path: Path
    reused: bool
    sha256: str


def make_artifact(context: StageContext, kind: str, key: Key, make: Make) -> Made:
    """Fetch the artifact of this key, or make and store it.

    `make` writes the file and returns details for the row.
    """
    found = fetch(context, kind, key)
    if found is not None:
        return Made(found, True, sha256_of(found))
    path = local_path(context, kind, key)
    details = make(path)
    context.checkpoint()
    return Made(path, False, keep(context, kind, key, path, details))


def get_artifact(context: StageContext, kind: str, key: str, *, made_by: Stage) -> Path:
    """Fetch an artifact that an earlier stage made.

    Raises: LackingError if it is missing or damaged. That stage then makes it again.
    """
    found = fetch(context, kind, key)
    if found is None:
        raise LackingError(kind, made_by)
    return found


def fetch(context: StageContext, kind: str, key: str) -> Path | None:
    """Return the artifact as a local file, or None if it is missing or damaged."""
    statement = select(Artifact).where(
        Artifact.project_id == context.claim.project_id, Artifact.kind == kind, Artifact.key == key
    )
    row = context.read(lambda session: session.execute(statement).scalar_one_or_none())
    if row is None:
        return None
    path = local_path(context, kind, key)
    try:
        objects.download(context, row.object_key, path)
    except MissingObjectError:
        log.warning("artifact.missing", kind=kind, key=key, object_key=row.object_key)
        return None
    except UnsealError:
        damaged = True
    else:
        damaged = sha256_of(path) != row.sha256
    if damaged:
        log.warning("artifact.damaged", kind=kind, key=key, object_key=row.object_key)
        return None
    artifact_id = row.id
    context.write(lambda session: _record_use(session, context, artifact_id))
    return path


def keep(context: StageContext, kind: str, key: str, path: Path, details: dict[str, Any]) -> str:
    """Store the file, then its row.

    The object's key contains the digest of the file, so that no other attempt overwrites it.
    """
    sha256 = sha256_of(path)
    object_key = object_key_of(context.claim.project_id, kind, key, sha256)
    objects.upload(context, path, object_key)
    values = {
        "sha256": sha256,
        "size_bytes": path.stat().st_size,
        "object_key": object_key,
        "details": details,
    }

    def write(session: Session) -> None:
        row = insert(Artifact).values(project_id=context.claim.project_id, kind=kind, key=key, **values)
        row = row.on_conflict_do_update(index_elements=["project_id", "kind", "key"], set_=values)
        _record_use(session, context, session.scalars(row.returning(Artifact.id)).one())

    context.write(write)
    return sha256


def _record_use(session: Session, context: StageContext, artifact_id: UUID) -> None:
    """Record that the audit of this job uses an artifact, so that a deletion finds it."""
    if context.claim.audit_id is not None:
        use = insert(ArtifactUse).values(artifact_id=artifact_id, audit_id=context.claim.audit_id)
        session.execute(use.on_conflict_do_nothing())


def object_key_of(project_id: UUID, kind: str, key: str, sha256: str) -> str:
    """Return the object key of an artifact."""
    return f"artifacts/{project_id}/{kind}/{key.removeprefix('sha256:')}-{sha256[:16]}"


def local_path(context: StageContext, kind: str, key: str) -> Path:
    """Return the path of an artifact in the scratch folder."""
    return context.scratch / f"{kind}-{key.removeprefix('sha256:')[:16]}.bin"
