"""Who may write to an upload: whoever may write to what it is for."""

from app.auth.scopes import Scope
from app.auth.subject import Subject
from app.db.models import Upload


def require_scope(subject: Subject, upload: Upload) -> None:
    """`ForbiddenError` unless the subject may upload checkpoints, or image sets and verifiers, whichever this is."""
    subject.require(Scope.TARGETS_WRITE if upload.release_id is not None else Scope.DATASETS_WRITE)
