"""Documents of waivers."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field, StringConstraints, model_validator

from app.contract.gate_rules import RuleId
from app.contract.result.base import Digest
from app.kit.cursor import Page
from app.kit.ids import ReleaseId, TargetId, WaiverId
from app.kit.listing import SORT, ListQuery
from app.kit.schema import Body, Document, Timestamp

WaiverState = Literal["requested", "approved", "expired", "ended"]
Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=10, max_length=2000)]
Finding = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]


class WaiverCreate(Body):
    """A request for a waiver of one rule, or of one exposed identity."""

    rule: RuleId | None = None
    finding: Finding | None = Field(None, description="Name of an identity that EXH007 reports.")
    release_id: ReleaseId | None = Field(None, description="By default the newest release of the target.")
    until_next_release: bool = Field(
        False, description="Whether it also ends when the target gets a newer release that is ready."
    )
    reason: Reason
    expires_at: AwareDatetime = Field(description="At most 366 days ahead.")

    @model_validator(mode="after")
    def _one_subject(self) -> "WaiverCreate":
        if (self.rule is None) == (self.finding is None):
            raise ValueError("name either a rule or a finding")
        return self


class Waiver(Document):
    """A waiver, bound to the digest of a checkpoint."""

    id: WaiverId
    target_id: TargetId
    release_id: ReleaseId
    rule: RuleId | None
    finding: str | None
    digest: Digest
    until_next_release: bool
    reason: str
    state: WaiverState = Field(description="`ended`: revoked, withdrawn, or the target has a newer release.")
    asked_by: str
    approved_by: str | None
    approved_at: datetime | None
    revoked_by: str | None
    ended_at: datetime | None
    expires_at: Timestamp
    created_at: Timestamp


class WaiverQuery(ListQuery):
    """Parameters of a list of waivers."""

    sort: Annotated[Literal["-created_at", "created_at", "expires_at", "-expires_at"], Field(description=SORT)] = (
        "-created_at"
    )
    approved: bool | None = Field(None, description="Only approved waivers, or only those that wait for approval.")
    ended: bool | None = Field(None, description="Only waivers that have ended, or only the others.")


class WaiverPage(Page[Waiver]):
    """Waivers of a target, newest first."""
