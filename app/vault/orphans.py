"""Removal of stored objects that no row names.

A worker stores a file before the row that names it, so a worker that is killed in between leaves
the file. Only old objects are removed, and none of a project with a job that has not ended.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db.models import Artifact, Dataset, Job, Project, Release, Verifier
from app.db.session import sync_session
from app.db.states import JobState
from app.jobs.sheets import sheet_key
from app.storage.store import store
from app.vault.keys import destroy_keys

log = structlog.get_logger(__name__)

ORPHANED = timedelta(days=2)
FOLDERS: dict[str, type[Any]] = {
    "artifacts": Project,
    "checkpoints": Project,
    "datasets": Dataset,
    "verifiers": Verifier,
}
"""Folders of the store, and the table whose id follows in each key."""
NAMED_BY = (Artifact.object_key, Release.object_key, Dataset.object_key, Verifier.object_key)
AT_ONCE = 1000


def remove_orphans() -> int:
    """Delete old objects that no row names, with their keys. Returns their number."""
    before, gone = datetime.now(UTC) - ORPHANED, 0
    for folder in FOLDERS:
        old = store().listed(f"{folder}/", older_than=before)
        for start in range(0, len(old), AT_ONCE):
            with sync_session() as session:
                orphans = _orphans(session, old[start : start + AT_ONCE])
                destroy_keys(session, orphans)
            for key in orphans:
                store().delete(key)
            gone += len(orphans)
    if gone:
        log.warning("store.orphans_removed", count=gone)
    return gone


def _orphans(session: Session, keys: Sequence[str]) -> list[str]:
    # Asked first: a job that ends after this is still busy, and one that ended before has its row.
    busy = set(session.scalars(select(Job.project_id).where(Job.state.in_([JobState.QUEUED, JobState.RUNNING]))))
    known: set[str | None] = set()
    for column in NAMED_BY:
        known |= set(session.scalars(select(column).where(column.in_(keys))))
    sheets = select(Artifact.project_id, Artifact.key).where(Artifact.kind == "prior")
    known |= {sheet_key(*row) for row in session.execute(sheets)}
    return [key for key in keys if key not in known and _project_of(session, key) not in busy]


def _project_of(session: Session, key: str) -> UUID | None:
    """Return the project that an object belongs to. None if its row is gone."""
    folder, owner, *_ = key.split("/")
    table = FOLDERS[folder]
    project = table.id if table is Project else table.project_id
    try:
        return session.scalar(select(project).where(table.id == UUID(owner)))
    except ValueError:  # not an id
        return None
