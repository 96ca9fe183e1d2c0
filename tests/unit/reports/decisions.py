"""Decisions of every kind, ordinary and hostile, from which reports are rendered."""

from datetime import UTC, datetime
from typing import Any

from app.contract.decision import Decision

CHECKPOINT = "sha256:" + "5f" * 32
POLICY = "sha256:" + "a7" * 32
AT = datetime(2026, 3, 28, 23, 30, tzinfo=UTC)
PERSON = "Ada <Lovelace>"
"""An exposed identity."""
HOSTILE = (
    "x</failure>]]><script>alert(1)</script> ![p](https://evil.example/a.png) @everyone #1 | \"q\" & 's' "
    "\r\n/close\n\x1b[31m \u202e \ufffe {0} [a](1) `code` www.evil.example 𝕏"
)
TITLES = {
    "EXH001": ("risk-within-budget", "R is within the budget."),
    "EXH002": ("evidence-level", "The evidence reaches the required level."),
    "EXH003": ("enough-identities", "Enough identities were attacked."),
    "EXH004": ("required-attacks", "The required attacks ran."),
    "EXH005": ("inconclusive", "The verdict is conclusive."),
    "EXH006": ("regression", "R did not increase."),
    "EXH007": ("new-finding", "Nobody is newly exposed."),
    "EXH008": ("freshness", "The verdict is recent."),
    "EXH009": ("audit-completed", "The audit ended with a result."),
}
WAIVER = {
    "id": "wai_0198c2f0a1b27c3d8e4f5a6b7c8d9e0f",
    "reason": "The demonstration ends in June.",
    "asked_by": "Robin Lee",
    "approved_by": "Dana Kim",
    "expires_at": "2026-06-30T00:00:00Z",
    "until_next_release": True,
}


def decision(outcome: str, outcomes: dict[str, str], **changes: Any) -> Decision:
    """Return a decision whose rules pass unless `outcomes` says otherwise."""
    risk = {"value": 0.9999, "low": 0.776, "high": 1.0, "bound_low": 0.799, "bound_high": 1.0}
    whole: dict[str, Any] = {
        "schema": "exhume.decision/1",
        "outcome": outcome,
        "sentence": f"The release gets {outcome}.",
        "next_step": None if outcome == "pass" else "Train with fewer images of each person.",
        "at": AT,
        "until": "2026-04-28T23:30:00Z",
        "audit": "aud_0198c2f0a1b27c3d8e4f5a6b7c8d9e0f",
        "url": "https://exhume.example/audits/aud_0198c2f0a1b27c3d8e4f5a6b7c8d9e0f",
        "verdict": "PASS" if outcome == "pass" else "FAIL",
        "evidence_level": "verified",
        "risk": risk,
        "identities": 30,
        "noun": "people",
        "release": {"id": None, "target": "badge-reader", "version": "3", "digest": CHECKPOINT},
        "policy": {"id": None, "name": "strict", "version": 2, "digest": POLICY},
        "rules": [rule(name, outcomes.get(name, "pass")) for name in TITLES],
        "exposed": 1,
        "names": None,
        "engine": "7",
    }
    return Decision.model_validate(whole | changes)


def rule(name: str, outcome: str, **changes: Any) -> dict[str, Any]:
    """Return the reading of a rule, with a figure."""
    short, title = TITLES[name]
    number = int(name[-1])
    figure = {"label": f"figure {name}", "value": number / 13, "low": number / 14, "high": number / 12, "limit": 0.05}
    figure |= {"format": "share", "text": f"{number / 13:.3%} ({number / 14:.3%} to {number / 12:.3%})"}
    reading: dict[str, Any] = {"id": name, "name": short, "title": title, "outcome": outcome}
    reading |= {"reason": f"Because of {short}.", "figures": [figure]}
    if outcome == "waived":
        reading["waivers"] = [WAIVER]
    return reading | changes


def _hostile() -> Decision:
    rules = [
        rule(
            name,
            ["fail", "waived", "inconclusive"][index % 3],
            reason=HOSTILE * 80,
            title=HOSTILE,
            waivers=[WAIVER | {"reason": HOSTILE * 80, "approved_by": HOSTILE}],
        )
        for index, name in enumerate(TITLES)
    ]
    return decision(
        "fail",
        {},
        rules=rules,
        sentence=HOSTILE * 80,
        next_step=HOSTILE * 80,
        release={"id": None, "target": HOSTILE, "version": HOSTILE, "digest": CHECKPOINT},
        policy={"id": None, "name": HOSTILE, "version": 1, "digest": POLICY},
        url="javascript:alert(1)",
        engine=HOSTILE,
    )


DECISIONS: dict[str, Decision] = {
    "pass": decision("pass", {"EXH004": "not_asked", "EXH006": "not_asked"}, exposed=0),
    "warn": decision("warn", {"EXH006": "warn"}),
    "fail": decision("fail", {"EXH001": "fail", "EXH007": "fail"}),
    "inconclusive as fail": decision("fail", {"EXH001": "inconclusive", "EXH005": "fail"}, verdict="INCONCLUSIVE"),
    "inconclusive as pass": decision("pass", {"EXH001": "inconclusive"}, verdict="INCONCLUSIVE"),
    "waived": decision("warn", {"EXH001": "waived"}, verdict="FAIL"),
    "no result": decision(
        "fail",
        {"EXH009": "fail"} | dict.fromkeys(list(TITLES)[:8], "not_asked"),
        verdict=None,
        risk=None,
        evidence_level=None,
        url=None,
        until=None,
    ),
    "hostile": _hostile(),
}
NAMED = decision("fail", {"EXH001": "fail"}, names=[PERSON])
"""A decision of a policy that allows names in reports."""
