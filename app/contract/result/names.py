"""Who is exposed by name, and what changed since the release before."""

from pydantic import Field

from app.contract.result.base import Figure, Part, Share


class Restarts(Part):
    """Of all reconstructions of an identity, how many every verifier recognises."""

    recognised: int
    of: int


class Seeds(Part):
    """Of earlier audits that differ in the seed alone and audited this identity, how many named it."""

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
    """How far the names can be trusted."""

    false_discovery_rate: Share
    expected_false: float = Field(description="How many of the names are expected to be wrong, at most.")
    earlier_runs: int = Field(description="Earlier audits that differ in the seed alone.")
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


class Regression(Part):
    """R against the previous comparable audit of the target. `difference` above zero is worse."""

    difference: Figure | None
    reason: str | None = Field(None, description="Why nothing was compared.")
    audit: str | None = None
    release: str | None = None
    version: str | None = None
    shared: int | None = Field(None, description="Identities in both audits.")
    newly_exposed: int | None = None
    same_references: bool | None = Field(
        None, description="Whether both audits judge by the same private set. Null where one has no digest of it."
    )
    sentence: str | None = Field(None, description="The comparison in words. Null without one.")
    history: list[EarlierAudit] = Field(default_factory=list)
