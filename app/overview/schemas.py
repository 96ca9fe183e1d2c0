"""Documents of the overview of a project."""

from typing import Literal

from pydantic import Field

from app.contract.decision import Outcome
from app.db.states import AuditState, IntakeState
from app.kit.ids import AuditId, DecisionId, ReleaseId, TargetId
from app.kit.schema import Document, Timestamp
from app.releases.schemas import ReleaseAudit

NeedKind = Literal[
    "policy_blocks",
    "audit_failed",
    "inconclusive",
    "never_audited",
    "waiver_asked",
    "schedule_failing",
    "source_failing",
    "pictures_deleted_soon",
]


class LastAudit(Document):
    """The newest audit of a release, in any state."""

    id: AuditId
    state: AuditState


class OverviewDecision(Document):
    """The newest decision on a release."""

    id: DecisionId
    outcome: Outcome
    regressed: bool = Field(description="The risk has risen by more than the policy tolerates.")


class OverviewRelease(Document):
    """A release with its newest audit that has a result. Replays do not count."""

    id: ReleaseId
    version: str
    state: IntakeState
    created_at: Timestamp
    audit: ReleaseAudit | None
    last_audit: LastAudit | None
    decision: OverviewDecision | None


class OverviewTarget(Document):
    """A target with its newest releases. Twins do not count."""

    id: TargetId
    name: str
    releases: list[OverviewRelease] = Field(description="The newest first. Empty for a target without releases.")


class Need(Document):
    """Something that needs a person."""

    kind: NeedKind
    subject: str = Field(description="The id of what it is about.")
    name: str = Field(description="The name of the target, schedule or source, or the target and version of a release.")
    target_id: TargetId | None
    detail: str | None = Field(description="The next step, the reason of a waiver, or the problem.")
    count: int = Field(1, description="Audits whose pictures are deleted soon. Otherwise 1.")
    at: Timestamp = Field(description="Since when, or the deletion of the first pictures.")


class Overview(Document):
    """Every target of a project and what needs a person."""

    targets: list[OverviewTarget] = Field(description="Those with the newest releases first, 200 at most.")
    target_count: int
    needs: list[Need] = Field(description="50 at most: the most urgent kind first, and within a kind the newest.")
