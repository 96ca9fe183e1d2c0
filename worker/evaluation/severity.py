"""Severity: how bad a shown risk is, by the access that it takes."""

from __future__ import annotations

from typing import Literal

Access = Literal["white-box", "scores", "labels"]
ReleasePlan = Literal["weights-public", "weights-shared", "hosted"]
Severity = Literal["critical", "high", "medium", "none shown"]

SHOWN_ABOVE = 0.05
BY_ACCESS: dict[str, Severity] = {"labels": "critical", "scores": "high"}
BY_RELEASE_PLAN: dict[str | None, Severity] = {
    "weights-public": "critical",  # whoever wants them has the weights
    "weights-shared": "high",  # partners and devices have them
    "hosted": "medium",  # an insider or a break-in is needed
    None: "high",  # nobody has said who will hold the weights
}


def severity(access: Access, lower: float, *, release_plan: ReleasePlan | None = None) -> Severity:
    """Access needed x R: "none shown" unless the lower bound of R under this access is above 5 %.

    Args:
        lower: one-sided 95 % lower bound of R for attacks with this access.
        release_plan: who will hold the weights, as declared by the user; decides for white-box attacks only.
    """
    if lower <= SHOWN_ABOVE:
        return "none shown"
    return BY_ACCESS[access] if access in BY_ACCESS else BY_RELEASE_PLAN[release_plan]
