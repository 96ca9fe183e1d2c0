"""Results, audits and waivers from which tests of the gate make cases."""

import copy
from datetime import UTC, datetime, timedelta
from typing import Any

from app.contract.decision import Decision, PolicyShown, ReleaseShown, RuleReading
from app.contract.policy import Policy
from app.contract.result import Result
from app.gate.deciding import decide
from app.gate.facts import Audited, Earlier, Waiver
from tests.results import RESULT

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
DIGEST, OTHER = "sha256:" + "1" * 64, "sha256:" + "2" * 64
SHOWN = PolicyShown(id=None, name="strict", version=1, digest="sha256:" + "3" * 64)
ENGINE = RESULT["code"]["engine"]


def result(
    low: float = 0.0,
    value: float = 0.0,
    high: float = 0.04,
    *,
    verdict: str = "PASS",
    codes: tuple[str, ...] = ("upper_below_budget",),
    named: tuple[str, ...] = (),
    **changes: Any,
) -> Result:
    """Return a result with these one-sided bounds of R, which its interval repeats."""
    whole = copy.deepcopy(RESULT)
    bounds = {"value": value, "low": low, "high": high, "bound_low": low, "bound_high": high}
    whole["risk"] |= bounds
    whole["threat_models"][0]["risk"] |= bounds
    whole["power"]["value"] = 0.9
    whole["verdict"], whole["reason_codes"] = verdict, list(codes)
    whole["reasons"] = [f"Because of {code}." for code in codes]
    whole["decides"], whole["decide_codes"] = [], []
    whole["named"] = [
        {"identity": index, "name": name, "p_value": 0.001, "strength": 9.0} | {"restarts": None, "seeds": None}
        for index, name in enumerate(named)
    ]
    return Result.load(whole | changes)


def audited(found: Result | None, *, age: timedelta = timedelta(0), digest: str = DIGEST, **changes: Any) -> Audited:
    """Return a finished audit of release 2 of badge-reader."""
    release = ReleaseShown(id=None, target="badge-reader", version="2", digest=digest)
    whole: dict[str, Any] = {"audit": "aud_2", "release": release, "result": found, "finished_at": NOW - age}
    return Audited(
        **whole | {"ending": "succeeded" if found else "failed", "engine": "0.1.0", "newest_engine": ENGINE} | changes
    )


def earlier(found: Result, *, passed: bool = True, audit: str = "aud_1", version: str = "1") -> Earlier:
    return Earlier.of(audit, version, found, passed=passed)


def waiver(rule: Any = None, finding: str | None = None, **changes: Any) -> Waiver:
    """Return a waiver of the audited checkpoint that expires tomorrow."""
    whole: dict[str, Any] = {"id": "wai_1", "rule": rule, "finding": finding, "digest": DIGEST}
    whole |= {"until_next_release": False, "reason": "Needed.", "asked_by": "ada", "approved_by": "grace"}
    return Waiver(**whole | {"expires_at": NOW + timedelta(days=1)} | changes)


def decided(found: Result | Audited | None, policy: dict[str, Any] | None = None, **others: Any) -> Decision:
    """Decide a result, or an audit, by a policy with these fields."""
    subject = found if isinstance(found, Audited) else audited(found)
    return decide(Policy.model_validate(policy or {}), SHOWN, subject, **{"now": NOW} | others)


def read(decision: Decision, rule: str) -> RuleReading:
    return next(one for one in decision.rules if one.id == rule)


def outcome(found: Result | Audited | None, rule: str, policy: dict[str, Any] | None = None, **others: Any) -> str:
    """Return the outcome of one rule."""
    return read(decided(found, policy, **others), rule).outcome
