"""Identities that are exposed by name, and the comparison with the previous release."""

from pydantic import Field

from app.contract.result.base import Figure, Part, Share


class Restarts(Part):
    """How many of an identity's reconstructions every verifier recognises."""

    recognised: int
    of: int


class Seeds(Part):
    """How many earlier audits with another seed named the identity, of those that audited it."""

    named: int
    of: int


class Named(Part):
    """An identity that is exposed by name."""

    identity: int
    name: str
    p_value: Share
    strength: float
    restarts: Restarts | None = Field(description="Null in older results.")
    seeds: Seeds | None = Field(description="Null without such earlier audits.")


class Naming(Part):
    """Reliability of the names."""

    false_discovery_rate: Share
    expected_false: float = Field(description="Largest expected number of wrong names.")
    earlier_runs: int = Field(description="Earlier audits that differ only in the seed.")
    named_earlier_only: list[str]


class RiskBefore(Part):
    """R of an earlier audit."""

    value: float | None
    low: float | None
    high: float | None


class EarlierAudit(Part):
    """An audit of an earlier release that measured in the same way."""

    audit: str
    version: str
    verdict: str | None
    risk: RiskBefore
    difference: Figure | None = Field(
        None,
        description="R of this audit minus that of the earlier one over the shared identities. Null in older results.",
    )


class Regression(Part):
    """R against the previous comparable audit of the target. `difference` above zero is worse."""

    difference: Figure | None
    reason: str | None = Field(None, description="Why there is no comparison.")
    audit: str | None = None
    release: str | None = None
    version: str | None = None
    shared: int | None = Field(None, description="Identities in both audits.")
    newly_exposed: int | None = None
    same_references: bool | None = Field(
        None, description="Whether both audits used the same private data set. Null if one has no digest of it."
    )
    sentence: str | None = Field(None, description="The comparison in words. Null without one.")
    history: list[EarlierAudit] = Field(default_factory=list)
