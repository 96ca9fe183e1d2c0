"""The last step of every upload: its owner accepts the file, and the upload ends."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy.orm import Session

from app.auth import audit_log
from app.auth.audit_log import Actor
from app.db import moves
from app.db.models import Dataset, Release, Upload
from app.db.states import UploadState
from app.errors import GoneError, ProblemError
from app.jobs import intake
from app.jobs.dispatch import publish_now
from app.storage.receive import check
from app.storage.store import Received
from app.uploads.owners import OwnerKind, owner_of
from app.vault import quarantine

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Arrival:
    """An unchecked file: its place, its sender, and the address it was fetched from, if any."""

    key: str
    received: Received
    by: Actor
    address: str | None = None


@dataclass(frozen=True)
class Settled:
    """How an upload ended.

    `job_id` is the job that checks its file, `unwanted` the key of a rejected one.
    """

    problem: ProblemError | None = None
    job_id: UUID | None = None
    unwanted: str | None = None

    def follow_up(self) -> None:
        """Publish the checks or delete the file. Call it after the commit.

        The scheduler does both if it is never called.
        """
        if self.job_id is not None:
            publish_now([self.job_id])
        if self.unwanted is not None:
            quarantine.discard(self.unwanted)


def accept(session: Session, kind: OwnerKind, owner_id: UUID, arrival: Arrival) -> UUID:
    """Give the file to its owner, queue its checks and log who sent it. Return the job to publish.

    Raises: GoneError (the owner was deleted), ConflictError (no file is awaited).
    """
    owner: Any = session.get(kind.table, owner_id, with_for_update=True, populate_existing=True)
    if owner is None:
        raise GoneError("upload_ended", f"The {kind.name} that this file is for was deleted in the meantime.")
    received, address = arrival.received, arrival.address
    job_id = intake.begin(session, owner, arrival.key, received)
    if isinstance(owner, Release | Dataset):
        owner.origin = {"by": arrival.by.name, "at": datetime.now(UTC).isoformat(), "address": address}
    details = {"sha256": received.sha256, "size_bytes": received.size} | ({"address": address} if address else {})
    action = f"{kind.name}.imported" if address else f"{kind.name}.uploaded"
    audit_log.write_now(
        session, arrival.by, action, kind.public_id(owner_id), project_id=owner.project_id, details=details
    )
    return job_id


def settle(session: Session, upload: Upload, received: Received, by: Actor) -> Settled:
    """End an upload whose file is complete: the file is accepted or rejected.

    Lock the row first.
    """
    key = upload.object_key
    assert key is not None, "an upload in progress has a key"
    try:
        check(received, None, upload.sha256)
        with session.begin_nested():
            job_id = accept(session, *owner_of(upload), Arrival(key, received, by, upload.address))
    except ProblemError as problem:
        return refuse(session, upload, problem)
    moves.end_upload(upload, UploadState.COMPLETE)
    upload.length = upload.received = received.size
    return Settled(job_id=job_id)


def refuse(session: Session, upload: Upload, problem: ProblemError) -> Settled:
    """Reject the file of an upload, and record why. Lock the row first."""
    log.info("upload.refused", upload_id=str(upload.id), code=problem.code)
    left = moves.end_upload(upload, UploadState.REFUSED, problem=problem.to_dict())
    return Settled(problem=problem, unwanted=left[0] if left is not None else None)
