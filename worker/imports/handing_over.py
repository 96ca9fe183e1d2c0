"""End of an import: the file is handed over to the release or data set, like an upload."""

from uuid import UUID

from sqlalchemy.orm import Session

from app.auth.audit_log import append
from app.db import moves
from app.db.models import AuditLogEntry, Dataset, Release, Upload
from app.db.states import UploadState
from app.errors import ProblemError
from app.jobs import intake
from app.jobs.dispatch import publish_now
from app.kit.ids import public_id
from app.storage.store import Received, store


def refuse(session: Session, upload_id: UUID, problem: ProblemError) -> None:
    """Record why nothing was kept."""
    upload = session.get(Upload, upload_id, with_for_update=True)
    if upload is not None and upload.state == UploadState.RECEIVING:
        moves.end_upload(upload, UploadState.REFUSED, problem=problem.to_dict())


class HandOver:
    """The last write of an import.

    The file goes to the release or data set, or the upload is rejected and the file deleted.
    """

    def __init__(self, upload_id: UUID, key: str, received: Received) -> None:
        self._id, self._key, self._received = upload_id, key, received
        self._job_id: UUID | None = None

    def write(self, session: Session) -> None:
        """Write in the transaction that ends the job. Safe to repeat."""
        self._job_id = None
        upload = session.get(Upload, self._id, with_for_update=True)
        if upload is None or upload.state != UploadState.RECEIVING:
            return
        taken: Release | Dataset
        if upload.release_id is not None:
            taken = session.get_one(Release, upload.release_id, with_for_update=True)
        else:
            taken = session.get_one(Dataset, upload.dataset_id, with_for_update=True)
        try:
            self._job_id = intake.begin(session, taken, self._key, self._received)
        except ProblemError as problem:  # another upload finished first
            refuse(session, self._id, problem)
            return
        size = self._received.size
        moves.end_upload(upload, UploadState.COMPLETE)
        upload.received = upload.length = size
        append(session, _entry(upload, taken, self._received))

    def afterwards(self) -> None:
        """Publish the intake job. If this never runs, the reaper publishes it."""
        if self._job_id is not None:
            publish_now([self._job_id])
        else:
            store().delete(self._key)


def _entry(upload: Upload, taken: Release | Dataset, received: Received) -> AuditLogEntry:
    kind, prefix = ("release", "rel") if isinstance(taken, Release) else ("dataset", "dst")
    return AuditLogEntry(
        project_id=taken.project_id,
        actor=upload.requested_by,
        action=f"{kind}.imported",
        subject=public_id(prefix, taken.id),
        details={"address": upload.address, "sha256": received.sha256, "size_bytes": received.size},
        request_id=None,
        address=None,
    )
