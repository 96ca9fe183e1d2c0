"""Facts that a decision rests on, apart from the policy."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from app.contract.decision import Decision, ReleaseShown
from app.contract.gate_rules import RuleId
from app.contract.policy import Policy
from app.contract.result import Result
from app.contract.result.base import EvidenceLevel

Ending = Literal["succeeded", "failed", "cancelled"]


@dataclass(frozen=True)
class Audited:
    """A finished audit.

    Attributes:
        audit: its public id, or any name that the reader knows it by.
        result: None if it ended without one.
        detail: why it ended without one.
        superseded: whether the target has a newer release.
        engine: version of the program that decides.
        newest_engine: digest of the newest engine. None if unknown.
    """

    audit: str
    release: ReleaseShown
    ending: Ending
    result: Result | None
    finished_at: datetime
    engine: str
    detail: str = ""
    superseded: bool = False
    newest_engine: str | None = None
    url: str | None = None


@dataclass(frozen=True)
class Earlier:
    """A finished audit of an earlier release of the target, and what the rules read of its result.

    Attributes:
        risk: R with the ends of its 95 % interval. None if it was not measured.
        named: identities that it exposes by name.
        passed: whether later releases are compared with it (`serves_as_reference`).
    """

    audit: str
    version: str
    evidence: EvidenceLevel
    risk: tuple[float, float, float] | None
    named: Sequence[str]
    passed: bool

    @classmethod
    def of(cls, audit: str, version: str, result: Result, *, passed: bool) -> "Earlier":
        """Return what the rules read of a result."""
        risk = None if result.risk is None else (result.risk.value, result.risk.low, result.risk.high)
        named = [one.name for one in result.named]
        return cls(audit, version, result.evidence_level, risk, named, passed)


@dataclass(frozen=True)
class Waiver:
    """An approved waiver of the target, for a rule or for one exposed identity.

    Attributes:
        digest: of the checkpoint that it is bound to.
        until_next_release: whether it ends when the target gets a newer release.
    """

    id: str
    rule: RuleId | None
    finding: str | None
    digest: str
    until_next_release: bool
    reason: str
    asked_by: str
    approved_by: str
    expires_at: datetime

    def covers(self, audited: Audited, now: datetime) -> bool:
        """Return whether it counts for this audit at this time."""
        ended = self.until_next_release and audited.superseded
        return audited.release.digest == self.digest and now < self.expires_at and not ended


@dataclass(frozen=True)
class Case:
    """Everything that a rule may look at. `earlier` is ordered oldest first."""

    policy: Policy
    audited: Audited
    result: Result
    earlier: Sequence[Earlier]
    waivers: Sequence[Waiver]
    now: datetime

    @property
    def last_passed(self) -> Earlier | None:
        """The audit of the last earlier release that passed."""
        return next((one for one in reversed(self.earlier) if one.passed), None)


def serves_as_reference(decision: Decision) -> bool:
    """Return whether later releases are compared with this one.

    It must not have failed, not rest on a waiver, and not have regressed itself. Otherwise R could
    rise by small steps that are each tolerated or waived.
    """
    outcomes = {rule.id: rule.outcome for rule in decision.rules}
    return decision.outcome != "fail" and "waived" not in outcomes.values() and outcomes.get("EXH006") != "warn"
