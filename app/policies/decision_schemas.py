"""Documents of stored decisions."""

from pydantic import Field

from app.contract.decision import Decision as Document_
from app.db.models import Cause
from app.kit.cursor import Page
from app.kit.ids import AuditId, DecisionId, ReleaseId, TargetId
from app.kit.schema import Timestamp


class StoredDecision(Document_):
    """A stored decision, exhume.decision/1, and where it belongs."""

    id: DecisionId
    number: int = Field(description="Counts the decisions of the audit. The last one counts.")
    cause: Cause
    audit_id: AuditId
    target_id: TargetId
    release_id: ReleaseId
    created_at: Timestamp


class DecisionPage(Page[StoredDecision]):
    """Decisions, newest first."""
