"""Two audits compared over the identities that both audited."""

from pydantic import Field

from app.contract.result.base import EvidenceLevel, Figure, Part
from app.contract.result.names import RiskBefore


class Side(Part):
    """One of the two audits."""

    audit: str
    target: str
    version: str
    attacks: list[str] = Field(description="Names for display, in the order of the plan.")
    verdict: str | None
    evidence_level: EvidenceLevel
    risk: RiskBefore
    budget: float
    identities: int = Field(description="Identities that were audited.")


class ChangedIdentity(Part):
    """An identity that only one of the two audits recognises."""

    name: str
    first: int = Field(description="Class index in the first audit.")
    second: int = Field(description="Class index in the second audit.")


class Change(Part):
    """A difference between the two plans, or between their inputs."""

    what: str
    first: str
    second: str


class Comparison(Part):
    """R of the second audit minus R of the first, over the identities of both.

    The identities are matched by name.
    """

    first: Side
    second: Side
    sentence: str
    not_comparable: list[str] = Field(description="Why R cannot be compared. Empty if it can.")
    notes: list[str] = Field([], description="What to bear in mind, such as private sets of different size.")
    difference: Figure | None = Field(description="Above zero, the second exposes more. Null if not comparable.")
    shared: int = Field(description="Identities that both audited.")
    newly_exposed: list[ChangedIdentity] = Field(description="Recognised by the second audit only.")
    no_longer_exposed: list[ChangedIdentity] = Field(description="Recognised by the first audit only.")
    both_exposed: int
    neither_exposed: int
    changes: list[Change] = Field(description="Differences between the plans and the inputs, in words.")
