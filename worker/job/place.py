"""Where the decrypted files of a job are put: in memory if they fit, otherwise on disk."""

import tempfile
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy import func, or_, select
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
    audit = session.get_one(Audit, claim.audit_id)
    sets = (audit.public_dataset_id, audit.private_dataset_id, audit.gallery_dataset_id)
    names = [str(one.get("digest", "")).removeprefix("sha256:") for one in audit.plan.get("verifiers") or []]
    parts = (
        (Release.stored_bytes, or_(Release.id == audit.release_id, Release.id == audit.twin_release_id)),
        (Dataset.stored_bytes, Dataset.id.in_([one for one in sets if one is not None])),
        (Verifier.stored_bytes, (Verifier.project_id == audit.project_id) & Verifier.sha256.in_(names)),
        (Artifact.size_bytes, Artifact.id.in_(select(ArtifactUse.artifact_id).where(ArtifactUse.audit_id == audit.id))),
    )
    return sum(int(session.scalar(select(func.coalesce(func.sum(size), 0)).where(of)) or 0) for size, of in parts)
