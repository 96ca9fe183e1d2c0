"""Where the decrypted files of a job are put: in memory if they fit, otherwise on disk."""

import tempfile
from functools import lru_cache, reduce
from operator import add
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy import ColumnElement, Select, Uuid, bindparam, func, or_, select
from sqlalchemy.orm import Session

from app.db.models import Artifact, ArtifactUse, Audit, Dataset, Release, Verifier
from app.formats.limits import DATASET, MIB
from app.jobs.leases import Claim
from app.settings import settings
from app.storage import memory

log = structlog.get_logger(__name__)

COPIES = 4
"""Copies of a file that a job may have: as received, converted, packed, and read back."""
BESIDE = 64 * MIB


def choose(claim: Claim, needed: int) -> Path:
    """Return the folder for the scratch folder of a job that needs this many bytes.

    A job that was returned to the queue goes to disk: it may have found the folder full.
    """
    configured = settings().scratch_dir
    if configured is not None:
        return configured
    there = memory.room()
    if needed <= there and not claim.setbacks:
        return memory.FOLDER
    log.info("job.scratch_on_disk", stage=claim.stage, needed=needed, memory=there, setbacks=claim.setbacks)
    return Path(tempfile.gettempdir())


def places() -> list[Path]:
    """Return all folders that scratch folders may be in."""
    configured = settings().scratch_dir
    found = [Path(tempfile.gettempdir()), *([memory.FOLDER] if memory.available() else [])]
    return found if configured is None else [configured, *found]


def needed_bytes(session: Session, claim: Claim) -> int:
    """Return how much a job may write into its scratch folder."""
    if claim.audit_id is not None:
        return COPIES * _of_audit(session, claim) + BESIDE
    received = 0
    for table in (Release, Dataset, Verifier) if claim.subject_id is not None else ():
        row: Any = session.get(table, claim.subject_id)
        if row is not None:
            unpacked = 2 * DATASET.packed_bytes if table is Dataset else 0
            received += COPIES * (row.size_bytes or 0) + unpacked
    return received + BESIDE


def _of_audit(session: Session, claim: Claim) -> int:
    """Return the size of everything that an audit reads."""
    return int(session.execute(_sizes(), {"of_audit": claim.audit_id}).scalar_one())


@lru_cache
def _sizes() -> Select[int]:
    """Select the sum of the sizes of an audit's releases, data sets, verifiers and artifacts."""
    digest = func.jsonb_build_object("digest", func.concat("sha256:", Verifier.sha256))
    named = Audit.plan["verifiers"].contains(func.jsonb_build_array(digest))
    sets = (Audit.public_dataset_id, Audit.private_dataset_id, Audit.gallery_dataset_id)
    used = select(ArtifactUse.artifact_id).where(ArtifactUse.audit_id == Audit.id).correlate(Audit)
    parts = (
        (Release.stored_bytes, or_(Release.id == Audit.release_id, Release.id == Audit.twin_release_id)),
        (Dataset.stored_bytes, or_(*(Dataset.id == one for one in sets))),
        (Verifier.stored_bytes, (Verifier.project_id == Audit.project_id) & named),
        (Artifact.size_bytes, Artifact.id.in_(used)),
    )
    sums = [select(func.coalesce(func.sum(size), 0)).where(of).correlate(Audit).scalar_subquery() for size, of in parts]
    total: ColumnElement[int] = reduce(add, sums)
    return select(total).where(Audit.id == bindparam("of_audit", type_=Uuid))
