"""EXH004: the attacks that the policy names have run."""

from app.contract.decision import RuleReading
from app.gate.facts import Case
from app.gate.reading import reading


def read(case: Case) -> RuleReading:
    """Fail if one is missing. An audit that stopped before the attack ran none."""
    if not case.policy.attacks:
        return reading("EXH004", "not_asked", "The policy names no attack.")
    ran = [] if case.result.stopped is not None else [one.name for one in case.result.attacks]
    missing = [name for name in case.policy.attacks if name not in ran]
    if missing:
        tried = f"It ran {', '.join(ran)}." if ran else "It stopped before the attack."
        return reading("EXH004", "fail", f"The audit did not run {', '.join(missing)}. {tried}")
    return reading("EXH004", "pass", f"The audit ran {', '.join(case.policy.attacks)}.")
