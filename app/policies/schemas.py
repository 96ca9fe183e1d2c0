"""Documents of policies and of their tests."""

from typing import Annotated

from pydantic import Field

from app.contract.decision import Decision, Outcome
from app.contract.policy import Policy as Document_
from app.contract.result.base import Digest
from app.kit.cursor import Page
from app.kit.ids import AuditId, PolicyId, ProjectId, ReleaseId, TargetId
from app.kit.listing import Named
from app.kit.schema import Body, Document, Name, Timestamp


class PolicyCreate(Body):
    """A policy with its first version."""

    name: Name
    policy: Document_


class PolicyVersionCreate(Body):
    """A new version of a policy."""

    policy: Document_


class PolicyVersion(Document):
    """A version of a policy. It is never edited."""

    policy_id: PolicyId
    version: int
    policy: Document_
    digest: Digest = Field(description="Of the canonical JSON of `policy`.")
    created_by: str
    created_at: Timestamp


class PolicyVersionPage(Page[PolicyVersion]):
    """Versions of a policy, newest first."""


class StoredPolicy(Document):
    """A policy with its newest version."""

    id: PolicyId
    project_id: ProjectId
    name: str
    is_default: bool = Field(description="Whether it applies to targets without a policy of their own.")
    targets: list[TargetId] = Field(description="Targets that it is assigned to.")
    newest: PolicyVersion
    created_at: Timestamp
    deleted_at: Timestamp | None = Field(description="Set for a deleted policy, which applies to nothing.")


class PolicyQuery(Named):
    """Parameters of a list of policies."""


class PolicyPage(Page[StoredPolicy]):
    """Policies of a project, newest first."""


class Assignment(Body):
    """The policy of a target, or the default of a project."""

    policy_id: PolicyId | None = Field(description="Null removes the assignment.")


class Assigned(Document):
    """The policy that applies to a target, or the default of a project."""

    policy_id: PolicyId | None
    inherited: bool = Field(description="Whether a target uses the default of its project.")


class TestRequest(Body):
    """A draft and the releases to test it on."""

    policy: Document_
    target_id: TargetId | None = Field(None, description="Only releases of this target.")
    releases: Annotated[int, Field(ge=1, le=50)] = Field(10, description="Number of newest releases of each target.")


class Tested(Document):
    """The decision of a draft on the newest audit of a release."""

    audit_id: AuditId
    release_id: ReleaseId
    decision: Decision
    stored: Outcome | None = Field(description="Outcome of the newest stored decision.")


class TestReport(Document):
    """The decisions of a draft. Nothing is stored."""

    items: list[Tested] = Field(description="Oldest release first, target by target.")
    cannot_pass: list[str] = Field(description="Why the draft can never pass, for each target where it cannot.")
