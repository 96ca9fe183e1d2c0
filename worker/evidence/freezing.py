"""The freeze: the digest of all reconstructions is recorded before the private set is opened."""

from sqlalchemy import func
from sqlalchemy.orm import Session

from app.auth import audit_log
from app.db.models import Audit
from app.errors import ConflictError
from app.jobs.events import record
from worker.evidence.inputs import AuditInputs
from worker.evidence.reconstructions import frozen_digest
from worker.job.context import StageContext
from worker.node import node_name


class ThawedError(ConflictError):
    """The reconstructions changed after they had been frozen."""

    def __init__(self, frozen: str, found: str) -> None:
        super().__init__(
            "reconstructions_changed",
            f"The reconstructions of this audit changed after they were frozen: their digest is {found}, but "
            f"{frozen} was frozen. Nothing is judged. Start the audit again, and find out who can write to the "
            "database.",
        )


def freeze(context: StageContext, inputs: AuditInputs, *, before: str | None = None) -> str:
    """Record and log the digest of all images that attack and controls made.

    It has a separate transaction.

    Args:
        before: digest that the early look froze. What it covers must not have changed.
    """

    def write(session: Session) -> str:
        whole, count = frozen_digest(session, inputs.audit_id)
        audit = session.get_one(Audit, inputs.audit_id)
        if before is not None and inputs.plan.look is not None:
            first, _ = frozen_digest(session, inputs.audit_id, only=inputs.plan.look.identities)
            if first != before:
                raise ThawedError(before, first)
        if audit.frozen_digest == whole:
            return whole
        if audit.frozen_digest in {None, before}:
            audit.frozen_digest, audit.frozen_at = whole, func.clock_timestamp()
            session.flush()
            details = {"digest": whole, "reconstructions": count}
            record(session, inputs.audit_id, "frozen", details)
            audit_log.append_by_worker(session, audit, node_name(), "audit.frozen", details)
        else:
            raise ThawedError(audit.frozen_digest, whole)
        return whole

    return context.write(write)
