"""States of jobs, audits, uploads, resources, runs and deliveries, and the allowed moves."""

from enum import StrEnum


class JobState(StrEnum):
    """State of one job (a stage, or one identity shard of a stage)."""

    WAITING = "waiting"  # an earlier stage has not finished
    QUEUED = "queued"  # may be claimed
    RUNNING = "running"  # claimed, lease held
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


class AuditState(StrEnum):
    """State of an audit, derived from its jobs and written in the same transaction."""

    QUEUED = "queued"
    RUNNING = "running"
    CANCELLING = "cancelling"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


class UploadState(StrEnum):
    """State of an upload. Every state except `receiving` is final."""

    RECEIVING = "receiving"
    COMPLETE = "complete"  # the file was passed to intake
    REFUSED = "refused"
    EXPIRED = "expired"
    TERMINATED = "terminated"


class IntakeState(StrEnum):
    """State of a release, data set or verifier in intake."""

    AWAITING_UPLOAD = "awaiting_upload"
    CHECKING = "checking"
    READY = "ready"
    REFUSED = "refused"
    DELETED = "deleted"  # the row stays for the audits that used it


class RunState(StrEnum):
    """State of a run of a schedule."""

    DUE = "due"  # recorded; the scheduler has not started it yet
    STARTED = "started"  # its audit is running
    SUCCEEDED = "succeeded"  # its audit has a result
    FAILED = "failed"  # the audit could not be started, or failed
    CANCELLED = "cancelled"  # somebody cancelled its audit
    SKIPPED = "skipped"  # not needed; the run says why


class DeliveryState(StrEnum):
    """State of the delivery of an event to a webhook."""

    PENDING = "pending"  # not sent, or to be sent again
    DELIVERED = "delivered"
    FAILED = "failed"  # the last attempt failed


JOB_MOVES: dict[JobState, frozenset[JobState]] = {
    JobState.WAITING: frozenset({JobState.QUEUED, JobState.CANCELLED}),
    JobState.QUEUED: frozenset({JobState.RUNNING, JobState.CANCELLED, JobState.FAILED}),
    # it waits again when something that an earlier stage made is gone; that stage is queued again
    JobState.RUNNING: frozenset(set(JobState)),
    JobState.SUCCEEDED: frozenset({JobState.QUEUED}),
    JobState.FAILED: frozenset(),
    JobState.CANCELLED: frozenset(),
}

AUDIT_MOVES: dict[AuditState, frozenset[AuditState]] = {
    AuditState.QUEUED: frozenset({AuditState.RUNNING, AuditState.CANCELLING, AuditState.CANCELLED, AuditState.FAILED}),
    AuditState.RUNNING: frozenset(
        {AuditState.CANCELLING, AuditState.SUCCEEDED, AuditState.FAILED, AuditState.CANCELLED}
    ),
    AuditState.CANCELLING: frozenset({AuditState.CANCELLED, AuditState.SUCCEEDED, AuditState.FAILED}),
    AuditState.SUCCEEDED: frozenset(),
    AuditState.FAILED: frozenset(),
    AuditState.CANCELLED: frozenset(),
}

UPLOAD_MOVES: dict[UploadState, frozenset[UploadState]] = {
    UploadState.RECEIVING: frozenset(set(UploadState) - {UploadState.RECEIVING}),
    UploadState.COMPLETE: frozenset(),
    UploadState.REFUSED: frozenset(),
    UploadState.EXPIRED: frozenset(),
    UploadState.TERMINATED: frozenset(),
}

INTAKE_MOVES: dict[IntakeState, frozenset[IntakeState]] = {
    IntakeState.AWAITING_UPLOAD: frozenset({IntakeState.CHECKING, IntakeState.REFUSED, IntakeState.DELETED}),
    IntakeState.CHECKING: frozenset({IntakeState.READY, IntakeState.REFUSED}),
    IntakeState.READY: frozenset({IntakeState.DELETED}),
    IntakeState.REFUSED: frozenset({IntakeState.CHECKING, IntakeState.DELETED}),  # a corrected file
    IntakeState.DELETED: frozenset(),
}

RUN_MOVES: dict[RunState, frozenset[RunState]] = {
    RunState.DUE: frozenset({RunState.STARTED, RunState.FAILED, RunState.SKIPPED}),
    RunState.STARTED: frozenset({RunState.SUCCEEDED, RunState.FAILED, RunState.CANCELLED}),
    RunState.SUCCEEDED: frozenset(),
    RunState.FAILED: frozenset(),
    RunState.CANCELLED: frozenset(),
    RunState.SKIPPED: frozenset(),
}

DELIVERY_MOVES: dict[DeliveryState, frozenset[DeliveryState]] = {
    DeliveryState.PENDING: frozenset({DeliveryState.DELIVERED, DeliveryState.FAILED}),
    DeliveryState.DELIVERED: frozenset(),
    DeliveryState.FAILED: frozenset(),
}

FINISHED_JOB = frozenset({JobState.SUCCEEDED, JobState.FAILED, JobState.CANCELLED})
FINISHED_AUDIT = frozenset({AuditState.SUCCEEDED, AuditState.FAILED, AuditState.CANCELLED})


class IllegalMoveError(RuntimeError):
    """A state change that the tables above do not list. It is always a bug."""


def check_move(old: JobState, new: JobState) -> None:
    """Raise `IllegalMoveError` unless a job may go from `old` to `new`."""
    if new not in JOB_MOVES[old]:
        raise IllegalMoveError(f"a job cannot go from {old} to {new}")


def check_audit_move(old: AuditState, new: AuditState) -> None:
    """Raise `IllegalMoveError` unless an audit may go from `old` to `new`."""
    if new not in AUDIT_MOVES[old]:
        raise IllegalMoveError(f"an audit cannot go from {old} to {new}")


def check_upload_move(old: UploadState, new: UploadState) -> None:
    """Raise `IllegalMoveError` unless an upload may go from `old` to `new`."""
    if new not in UPLOAD_MOVES[old]:
        raise IllegalMoveError(f"an upload cannot go from {old} to {new}")


def check_intake_move(old: IntakeState, new: IntakeState) -> None:
    """Raise `IllegalMoveError` unless an uploaded resource may go from `old` to `new`."""
    if new not in INTAKE_MOVES[old]:
        raise IllegalMoveError(f"a release, data set or verifier cannot go from {old} to {new}")


def check_run_move(old: RunState, new: RunState) -> None:
    """Raise `IllegalMoveError` unless a run of a schedule may go from `old` to `new`."""
    if new not in RUN_MOVES[old]:
        raise IllegalMoveError(f"a run of a schedule cannot go from {old} to {new}")


def check_delivery_move(old: DeliveryState, new: DeliveryState) -> None:
    """Raise `IllegalMoveError` unless a delivery may go from `old` to `new`."""
    if new not in DELIVERY_MOVES[old]:
        raise IllegalMoveError(f"a delivery cannot go from {old} to {new}")
