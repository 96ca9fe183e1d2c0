"""Waivers in a decision: which readings they cover, and how they are shown."""

from collections.abc import Sequence

from app.contract.decision import RuleReading, WaiverShown
from app.contract.policy import Policy
from app.gate.facts import Waiver
from app.gate.rules.findings import plain

WAIVABLE = frozenset({"fail", "warn"})


def waived(reading: RuleReading, waivers: Sequence[Waiver], *, policy: Policy, new: Sequence[str]) -> RuleReading:
    """Return a reading with the waivers that cover it, or parts of it.

    A waiver of a rule turns its failure or warning into `waived`, and changes no other rule.

    Args:
        new: identities that are named for the first time.
    """
    names = {plain(name) for name in new}
    by_rule = [one for one in waivers if one.rule == reading.id] if reading.outcome in WAIVABLE else []
    by_name = [
        one
        for one in waivers
        if reading.id == "EXH007" and reading.outcome != "not_asked" and one.finding and plain(one.finding) in names
    ]
    if not by_rule and not by_name:
        return reading
    changed = {"waivers": [shown(one, policy) for one in (*by_rule, *by_name)]}
    return reading.model_copy(update=changed | ({"outcome": "waived"} if by_rule else {}))


def shown(waiver: Waiver, policy: Policy) -> WaiverShown:
    """Return a waiver as a decision shows it."""
    return WaiverShown(
        id=waiver.id,
        reason=waiver.reason,
        asked_by=waiver.asked_by,
        approved_by=waiver.approved_by,
        expires_at=waiver.expires_at,
        until_next_release=waiver.until_next_release,
        finding=waiver.finding if policy.name_identities else None,
    )
