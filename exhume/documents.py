"""Documents that the API returns. Fields that a newer server adds are kept."""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from app.contract.choices import Verdict
from app.contract.plan import Plan, PlanSummary

FINISHED = frozenset({"succeeded", "failed", "cancelled"})
Role = Literal["public", "private", "gallery"]


class Document(BaseModel):
    """A document of the API. It is never changed after it was read."""

    model_config = ConfigDict(extra="allow", frozen=True, defer_build=True)


class Problem(Document):
    """Why something failed or was rejected (RFC 9457)."""

    code: str
    detail: str
    errors: list[dict[str, Any]] = []


class Project(Document):
    """A project."""

    id: str
    name: str
    created_at: datetime


class Target(Document):
    """A model with all its releases."""

    id: str
    project_id: str
    name: str
    description: str = ""


class Checked(Document):
    """A resource that a file is uploaded for. `ready` once the file has passed its checks."""

    id: str
    project_id: str
    state: str
    problem: Problem | None
    sha256: str | None


class ReleaseSummary(Checked):
    """A release as lists show it: one checkpoint of a target, without the names of its classes."""

    target_id: str
    target_name: str
    version: str
    architecture: str
    convention: dict[str, Any]
    class_count: int
    classes_are: str
    class_order_confirmed: bool
    twin_of: str | None

    @property
    def path(self) -> str:
        """Return its path below `/api/v1`."""
        return f"/releases/{self.id}"

    @property
    def label(self) -> str:
        """Return its name, as in `badge-reader:1`."""
        return f"{self.target_name}:{self.version}"


class Release(ReleaseSummary):
    """A release: one checkpoint of a target."""

    classes: list[str]
    examination: dict[str, Any] | None


class Dataset(Checked):
    """A data set."""

    name: str
    role: Role
    notes: list[str] | None
    images: int | None
    identity_count: int | None

    @property
    def path(self) -> str:
        """Return its path below `/api/v1`."""
        return f"/datasets/{self.id}"

    @property
    def label(self) -> str:
        """Return its name."""
        return self.name


class Upload(Document):
    """A file on its way to the server. `address` is set for one that the server fetches."""

    id: str
    state: str
    address: str | None
    filename: str | None
    sha256: str | None
    length: int
    received: int
    problem: Problem | None


class Estimate(Document):
    """The estimated cost of an audit, and what it can conclude."""

    seconds: float
    measured: bool
    identities: int
    concludes: list[str]


class ReleaseOfAudit(Document):
    """The audited release."""

    id: str
    version: str
    target_id: str
    target_name: str


class AuditFields(Document):
    """The fields of an audit except for its plan."""

    id: str
    project_id: str
    release: ReleaseOfAudit
    state: str
    problem: Problem | None
    estimate: Estimate
    verdict: Verdict | None
    sentence: str | None
    evidence_level: str | None
    risk: float | None
    risk_low: float | None
    risk_high: float | None
    created_at: datetime
    finished_at: datetime | None

    @property
    def finished(self) -> bool:
        """Tell whether nothing will change any more."""
        return self.state in FINISHED


class AuditSummary(AuditFields):
    """An audit as lists show it: with a summary of its plan."""

    plan: PlanSummary


class Audit(AuditFields):
    """An audit: its plan and state, and its verdict and risk once it has finished."""

    plan: Plan


class Job(Document):
    """A stage of an audit, or one shard of it."""

    stage: str
    shard: int
    shards: int
    state: str
    done: int
    total: int
    estimate_seconds: float | None
    problem: Problem | None


class Event(Document):
    """One event of an audit. The reference of the API lists the kinds and their payloads."""

    seq: int
    kind: str
    at: str
    payload: dict[str, Any]
