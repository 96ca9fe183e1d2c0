"""End of an import: its owner accepts the file, or the upload records why nothing was kept."""

from uuid import UUID

from sqlalchemy.orm import Session

from app.auth.audit_log import Requester
from app.db.models import Upload
from app.db.states import UploadState
from app.errors import ProblemError
from app.storage.store import Received
from app.uploads.accepting import Settled, refuse, settle


class Ending:
    """The last write of an import, and what follows its commit."""

    def __init__(self, upload_id: UUID, key: str, end: Received | ProblemError) -> None:
        self._id, self._key, self._end = upload_id, key, end
        self._settled = Settled(unwanted=key)

    def write(self, session: Session) -> None:
        """Write in the transaction that ends the job. Safe to repeat."""
        self._settled = Settled(unwanted=self._key)
        upload = session.get(Upload, self._id, with_for_update=True)
        if upload is None or upload.state != UploadState.RECEIVING:
            return  # ended in the meantime
        if isinstance(self._end, ProblemError):
            self._settled = refuse(session, upload, self._end)
        else:
            self._settled = settle(session, upload, self._end, Requester(upload.requested_by))

    def afterwards(self) -> None:
        """Publish the intake job, or delete the file."""
        self._settled.follow_up()
