"""Severity: how bad a shown risk is, by the access that it takes and by what the classes are."""

from __future__ import annotations

from typing import Literal

Access = Literal["white-box", "scores", "labels"]
ReleasePlan = Literal["weights-public", "weights-shared", "hosted"]
Severity = Literal["critical", "high", "medium", "none shown", "none shown for the share"]

SHOWN_ABOVE = 0.05
BY_ACCESS: dict[str, Severity] = {"labels": "critical", "scores": "high"}
BY_RELEASE_PLAN: dict[str | None, Severity] = {
    "weights-public": "critical",  # whoever wants them has the weights
    "weights-shared": "high",  # partners and devices have them
    "hosted": "medium",  # an insider or a break-in is needed
    None: "high",  # nobody has said who will hold the weights
}


def severity(
    access: Access, lower: float, *, release_plan: ReleasePlan | None = None, named: int = 0, people: bool = True
) -> Severity:
    """Access needed x R, where the lower bound of R under this access is above 5 %.

    Below that no severity is shown for the share of identities; somebody who is named is exposed all the same, and the
    word says that it is about the share. Where a class is not one person, what is rebuilt is the picture of a class:
    the severity is at most medium.

    Args:
        lower: one-sided 95 % lower bound of R for attacks with this access.
        release_plan: who will hold the weights, as declared by the user; decides for white-box attacks only.
        named: identities exposed by name.
        people: whether a class is one person.
    """
    if lower <= SHOWN_ABOVE:
        return "none shown for the share" if named else "none shown"
    shown = BY_ACCESS[access] if access in BY_ACCESS else BY_RELEASE_PLAN[release_plan]
    return shown if people else "medium"
