"""The only place where uploads, releases, data sets and verifiers change state.

Lock the row first.
"""

from typing import Any

from app.db.models import Dataset, Release, Upload, Verifier
from app.db.states import IntakeState, UploadState, check_intake_move, check_upload_move

Owner = Release | Dataset | Verifier
"""The resource that a file is uploaded for."""

Leftover = tuple[str, dict[str, Any]]
"""The place of a detached file: its key, and what the store needs to find its parts."""


def end_upload(upload: Upload, new: UploadState, *, problem: dict[str, Any] | None = None) -> Leftover | None:
    """Set the final state of an upload and detach its file. Returns the place of the file."""
    check_upload_move(UploadState(upload.state), new)
    left = None if upload.object_key is None else (upload.object_key, upload.parts)
    upload.state, upload.problem, upload.object_key, upload.parts = new, problem, None, {}
    return left


def begin_checks(owner: Owner, *, key: str, sha256: str, size_bytes: int) -> None:
    """Attach the file under `key` to `owner`, which then waits for its checks."""
    _move(owner, IntakeState.CHECKING, key=key)
    owner.sha256, owner.size_bytes = sha256, size_bytes


def make_ready(owner: Owner, *, key: str) -> None:
    """Mark a file as checked. The checked copy is under `key`."""
    _move(owner, IntakeState.READY, key=key)


def refuse(owner: Owner, problem: dict[str, Any] | None) -> None:
    """Reject a file and detach it. Remains in quarantine are swept away later."""
    _move(owner, IntakeState.REFUSED, problem=problem)


def _move(owner: Owner, new: IntakeState, *, key: str | None = None, problem: dict[str, Any] | None = None) -> None:
    check_intake_move(IntakeState(owner.state), new)
    owner.state, owner.object_key, owner.problem = new, key, problem
