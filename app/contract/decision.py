"""Decision: what a policy says about an audited release. Every report is rendered from it."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from app.contract.choices import Verdict
from app.contract.figures import Format
from app.contract.gate_rules import RuleId
from app.contract.result.base import Digest, EvidenceLevel

DECISION_SCHEMA: Literal["exhume.decision/1"] = "exhume.decision/1"
Outcome = Literal["pass", "warn", "fail"]
RuleOutcome = Literal["pass", "warn", "fail", "inconclusive", "waived", "not_asked"]


class Part(BaseModel):
    """Part of a stored document. Unknown fields, from a later version, are kept and passed on."""

    model_config = ConfigDict(extra="allow", frozen=True)


class RuleFigure(Part):
    """A figure that a rule looked at."""

    label: str
    value: float | None
    low: float | None = None
    high: float | None = None
    limit: float | None = None
    format: Format
    text: str = Field(description="The figure in words, as every report prints it.")


class WaiverShown(Part):
    """A waiver that covers a failure of a rule, or one of its findings."""

    id: str
    reason: str
    asked_by: str
    approved_by: str
    expires_at: datetime
    until_next_release: bool
    finding: str | None = Field(
        None, description="The identity that it covers. Null if it covers the rule, or if the policy allows no names."
    )


class RuleReading(Part):
    """What one rule found."""

    id: RuleId
    name: str = Field(description="Stable name in lower case with hyphens, such as `risk-within-budget`.")
    title: str
    outcome: RuleOutcome
    reason: str = Field(description="One sentence, below 1,000 characters.")
    figures: list[RuleFigure] = []
    waivers: list[WaiverShown] = Field([], description="Those that cover the failure, or a part of it.")


class RiskShown(Part):
    """R with its 95 % interval and its one-sided bounds."""

    value: float
    low: float
    high: float
    bound_low: float
    bound_high: float


class PolicyShown(Part):
    """The version of the policy that decided."""

    id: str | None = Field(description="Null for a policy that is not stored on a server.")
    name: str
    version: int
    digest: Digest


class ReleaseShown(Part):
    """The release that was audited."""

    id: str | None
    target: str
    version: str
    digest: Digest = Field(description="Of the checkpoint.")


class Decision(Part):
    """A decision, exhume.decision/1.

    A stored one is never edited, except that the name of an erased identity is replaced.
    """

    schema_: Literal["exhume.decision/1"] = Field(DECISION_SCHEMA, alias="schema")
    outcome: Outcome
    sentence: str = Field(description="The outcome and its most important reason.")
    next_step: str | None = Field(description="What to do about it. Null for a pass.")
    at: datetime
    until: datetime | None = Field(description="When it must be made again: a verdict ages or a waiver expires.")
    audit: str
    url: str | None = Field(None, description="Page of the audit, if the server knows its address.")
    verdict: Verdict | None = Field(description="Null if the audit ended without a result.")
    evidence_level: EvidenceLevel | None
    risk: RiskShown | None
    identities: int = Field(description="Number of identities that were judged.")
    noun: str = Field(description="What `identities` counts, in the plural.")
    release: ReleaseShown
    policy: PolicyShown
    rules: list[RuleReading]
    exposed: int = Field(description="Number of identities that are exposed by name.")
    names: list[str] | None = Field(description="Their names. Null unless the policy allows names in reports.")
    engine: str = Field(description="Version of the engine that audited, or that decided without a result.")
