"""The only place where uploads, releases, data sets, verifiers, runs and deliveries change state.

Lock the row first.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from app.db.models import Dataset, Release, ScheduleRun, SkipReason, Upload, Verifier, WebhookDelivery
from app.db.states import (
    DeliveryState,
    IntakeState,
    RunState,
    UploadState,
    check_delivery_move,
    check_intake_move,
    check_run_move,
    check_upload_move,
)

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


def delete(owner: Owner) -> None:
    """Detach the file of a resource whose row stays."""
    _move(owner, IntakeState.DELETED)


def start_run(run: ScheduleRun, *, audit_id: UUID, release_id: UUID) -> None:
    """Record the audit that a run started."""
    _move_run(run, RunState.STARTED)
    run.audit_id, run.release_id = audit_id, release_id


def skip_run(run: ScheduleRun, *, reason: SkipReason, detail: str, at: datetime) -> None:
    """Record why a run is not needed."""
    _move_run(run, RunState.SKIPPED)
    run.reason, run.detail, run.finished_at = reason, detail, at


def end_run(run: ScheduleRun, new: RunState, *, at: datetime, problem: dict[str, Any] | None = None) -> None:
    """Record how a run ended."""
    _move_run(run, new)
    run.problem, run.finished_at = problem, at


def _move_run(run: ScheduleRun, new: RunState) -> None:
    check_run_move(RunState(run.state), new)
    run.state = new


def end_delivery(delivery: WebhookDelivery, new: DeliveryState, at: datetime) -> None:
    """Record that an event was delivered, or that it will not be sent again."""
    check_delivery_move(DeliveryState(delivery.state), new)
    delivery.state, delivery.finished_at, delivery.next_at = new, at, None


def _move(owner: Owner, new: IntakeState, *, key: str | None = None, problem: dict[str, Any] | None = None) -> None:
    check_intake_move(IntakeState(owner.state), new)
    owner.state, owner.object_key, owner.problem = new, key, problem
