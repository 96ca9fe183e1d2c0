"""Findings: the rules that a host lists as problems, and how severe each is there."""

import hashlib
from dataclasses import dataclass
from typing import Literal

from app.contract.decision import Decision, RuleOutcome, RuleReading, WaiverShown
from app.reports.text import REASON, plain


@dataclass(frozen=True)
class Severity:
    """One severity in the scales of all hosts.

    GitHub reads the level and a tenth of the score, and GitLab reads the score. They call 80 high,
    50 medium and 20 low.
    """

    level: Literal["error", "warning", "note"]
    score: int
    code_quality: Literal["critical", "major", "info"]

    @property
    def security_severity(self) -> str:
        """Return the score from 0 to 10, which both hosts read as a string."""
        return f"{self.score / 10:.1f}"


LOW = Severity("note", 20, "info")
SEVERITIES: dict[RuleOutcome, Severity] = {
    "fail": Severity("error", 80, "critical"),
    "warn": Severity("warning", 50, "major"),
    "inconclusive": LOW,  # EXH005 says what it means for the release
    "waived": LOW,
}
"""Rules with another outcome are not findings."""


@dataclass(frozen=True)
class Finding:
    """A rule that did not simply pass."""

    rule: RuleReading
    severity: Severity
    fingerprint: str

    @property
    def message(self) -> str:
        """Return the rule's reason and its waivers. They come first if they cover all of it."""
        said = [self.rule.reason, waiver_sentences(self.rule)]
        return plain(" ".join(reversed(said) if self.rule.outcome == "waived" else said))


def findings(decision: Decision) -> list[Finding]:
    """Return the findings of a decision in the order of its rules."""
    return [
        Finding(rule, SEVERITIES[rule.outcome], _fingerprint(decision, rule))
        for rule in decision.rules
        if rule.outcome in SEVERITIES
    ]


def waiver_sentences(rule: RuleReading) -> str:
    """Return the sentences of all waivers of a rule, or nothing for a rule without one."""
    return plain(" ".join(waiver_sentence(waiver) for waiver in rule.waivers))


def waiver_sentence(waiver: WaiverShown) -> str:
    """Return who waived the rule, or one of its findings, and until when."""
    or_release = " or the next release" if waiver.until_next_release else ""
    return plain(
        f"Waived until {waiver.expires_at:%Y-%m-%d}{or_release} by {plain(waiver.approved_by, 100)}: "
        f"{plain(waiver.reason, REASON // 2)}"
    )


def _fingerprint(decision: Decision, rule: RuleReading) -> str:
    """Return a digest that is the same for the same rule and checkpoint.

    An alert that somebody dismissed on a host is therefore open again for the next checkpoint.
    """
    parts = (decision.release.target, decision.release.digest, rule.id)
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()
