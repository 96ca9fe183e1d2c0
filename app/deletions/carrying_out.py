"""The transaction of a deletion: keys, pictures and rows go, and the receipt is written."""

from datetime import UTC, datetime

from sqlalchemy import delete, exists, false, func, select, update
from sqlalchemy.orm import Session

from app.db import moves
from app.db.base import Base
from app.db.models import Artifact, Audit, Dataset, Original, Project, Reconstruction, Release, Upload, Verifier
from app.db.states import UploadState
from app.deletions.plan import Deletion
from app.vault import quarantine
from app.vault.keys import destroy_all_keys, destroy_keys, pictures_of

KEPT_OF_PROJECT = {"audit_log_entry", "receipt", "destroyed_key", "legal_hold"}
"""Tables whose rows outlive their project."""


def carry_out(session: Session, planned: Deletion) -> int:
    """Delete everything that is planned but the objects. Returns how many keys were destroyed."""
    for upload in session.scalars(select(Upload).where(Upload.id.in_(planned.uploads)).with_for_update()):
        left = moves.end_upload(upload, UploadState.TERMINATED)
        if left is not None:
            planned.objects += [left[0], *quarantine.rests(left[1])]
    _forget_pictures(session, planned)
    session.execute(delete(Artifact).where(Artifact.id.in_(planned.artifacts)))
    if isinstance(planned.row, Project):
        return _forget_project(session, planned.row)
    destroyed = destroy_keys(session, {*planned.objects, *(pictures_of(one) for one in planned.pictures)})
    _forget_row(session, planned)
    return destroyed


def _forget_pictures(session: Session, planned: Deletion) -> None:
    there = Reconstruction.audit_id.in_(planned.pictures) & Reconstruction.sealed_image.is_not(None)
    session.execute(update(Reconstruction).where(there).values(sealed_image=None, sealed_film=None))
    ended = update(Audit).where(Audit.id.in_(planned.pictures), Audit.images_deleted_at.is_(None))
    session.execute(ended.values(images_deleted_at=func.now()))


def _forget_row(session: Session, planned: Deletion) -> None:
    """Delete the row, or empty it if audits or twins refer to it."""
    row = planned.row
    if not isinstance(row, Dataset | Release | Verifier):
        return
    twins = exists().where(Release.twin_of == row.id) if isinstance(row, Release) else false()
    if planned.audits or session.scalar(select(twins)):
        _empty(row)
    else:
        session.execute(delete(type(row)).where(type(row).id == row.id))
    session.flush()


def _empty(row: Dataset | Release | Verifier) -> None:
    """Keep what results refer to. A new resource may have the name."""
    moves.delete(row)
    if isinstance(row, Release):
        row.original, row.original_key = Original.DELETED, None
        return
    row.name = f"{row.name[:70]} (deleted {row.id.hex[-12:]})"
    if isinstance(row, Dataset):
        row.identities, row.notes = None, None


def _forget_project(session: Session, project: Project) -> int:
    """Delete all rows of a project. Its own row stays for the audit log, without its name."""
    destroyed = destroy_all_keys(session, project.id)
    for table in reversed(Base.metadata.sorted_tables):
        if "project_id" in table.columns and table.name not in KEPT_OF_PROJECT:
            session.execute(delete(table).where(table.columns["project_id"] == project.id))
    project.name, project.deleted_at, project.public_badges = f"deleted {project.id.hex}", datetime.now(UTC), False
    session.flush()
    return destroyed
