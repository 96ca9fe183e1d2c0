"""The decision: all rules, their waivers, the outcome, and what to do next."""

from collections.abc import Sequence
from datetime import datetime

from app.contract.decision import DECISION_SCHEMA, Decision, Outcome, PolicyShown, RiskShown, RuleReading
from app.contract.policy import Policy
from app.contract.result import Result
from app.gate.facts import Audited, Case, Earlier, Waiver
from app.gate.next_step import next_step
from app.gate.rules import attacks, completed, evidence, findings, freshness, identities, inconclusive, regression, risk
from app.gate.sentences import sentence
from app.gate.waiving import waived


def decide(
    policy: Policy,
    shown: PolicyShown,
    audited: Audited,
    *,
    earlier: Sequence[Earlier] = (),
    waivers: Sequence[Waiver] = (),
    now: datetime,
) -> Decision:
    """Decide an audit by a policy.

    Args:
        shown: how the decision refers to the policy.
        earlier: finished audits of earlier releases, oldest first.
        waivers: approved waivers of the target. Those that do not cover this audit are ignored.
    """
    valid = [one for one in waivers if one.covers(audited, now)]
    case = None if audited.result is None else Case(policy, audited, audited.result, earlier, valid, now)
    readings = completed.without_result(audited) if case is None else read_all(case)
    new = [] if case is None else findings.new_names(case)
    rules = [waived(one, valid, policy=policy, new=new) for one in readings]
    outcome = outcome_of(rules)
    return Decision(
        schema=DECISION_SCHEMA,
        outcome=outcome,
        sentence=sentence(outcome, audited.release, rules),
        next_step=next_step(outcome, rules, policy, audited.result),
        at=now,
        until=until(case, rules, now),
        audit=audited.audit,
        url=audited.url,
        release=audited.release,
        policy=shown,
        rules=rules,
        **of_result(policy, audited.result, audited.engine),
    )


def read_all(case: Case) -> list[RuleReading]:
    """Read every rule, in the order of their ids."""
    first = [one.read(case) for one in (risk, evidence, identities, attacks)]
    later = [one.read(case) for one in (regression, findings, freshness)]
    return [*first, inconclusive.read(case, [*first, *later]), *later, completed.read()]


def outcome_of(rules: Sequence[RuleReading]) -> Outcome:
    """Return the outcome: the worst of all rules. A waived rule leaves a warning."""
    outcomes = {one.outcome for one in rules}
    if "fail" in outcomes:
        return "fail"
    return "warn" if outcomes & {"warn", "waived"} else "pass"


def until(case: Case | None, rules: Sequence[RuleReading], now: datetime) -> datetime | None:
    """Return when the decision must be made again: a verdict ages or a waiver expires."""
    moments = [waiver.expires_at for rule in rules for waiver in rule.waivers]
    if case is not None and (ends := freshness.stale_from(case)) is not None:
        moments.append(ends)
    return min((moment for moment in moments if moment > now), default=None)


def of_result(policy: Policy, result: Result | None, engine: str) -> dict[str, object]:
    """Return the parts of a decision that repeat the result."""
    if result is None:
        empty = dict.fromkeys(("verdict", "evidence_level", "risk", "names"))
        return {**empty, "identities": 0, "noun": "identities", "exposed": 0, "engine": engine}
    names = [one.name for one in result.named]
    return {
        "verdict": result.verdict,
        "evidence_level": result.evidence_level,
        "risk": result.risk and RiskShown.model_validate(result.risk.model_dump(include=set(RiskShown.model_fields))),
        "identities": result.coverage.scored,
        "noun": result.noun.many,
        "exposed": len(names),
        "names": names if policy.name_identities else None,
        "engine": result.code.exhume,
    }
