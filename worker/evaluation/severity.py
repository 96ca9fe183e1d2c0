"""Severity of a shown risk, from the access that the attack needs and the kind of class."""

from __future__ import annotations

from typing import Literal

Access = Literal["white-box", "scores", "labels"]
ReleasePlan = Literal["weights-public", "weights-shared", "hosted"]
Severity = Literal["critical", "high", "medium", "none shown", "none shown for the share"]

SHOWN_ABOVE = 0.05
BY_ACCESS: dict[str, Severity] = {"labels": "critical", "scores": "high"}
BY_RELEASE_PLAN: dict[str | None, Severity] = {
    "weights-public": "critical",  # published weights reach anybody
    "weights-shared": "high",  # partners and devices hold the weights
    "hosted": "medium",  # needs an insider or a break-in
    None: "high",  # no plan was declared
}


def severity(
    access: Access, lower: float, *, release_plan: ReleasePlan | None = None, named: int = 0, people: bool = True
) -> Severity:
    """Return the severity of R under this access, if its lower bound is above 5 %.

    Below that, no severity is shown for the share of identities. Named identities are exposed
    nevertheless, and the returned text then says that it is about the share. If a class is not one
    person, a reconstruction shows a class, and the severity is at most medium.

    Args:
        lower: one-sided 95 % lower bound of R for attacks with this access.
        release_plan: who will hold the weights, as declared by the user. It applies to white-box
            attacks only.
        named: number of identities exposed by name.
        people: whether a class is one person.
    """
    if lower <= SHOWN_ABOVE:
        return "none shown for the share" if named else "none shown"
    shown = BY_ACCESS[access] if access in BY_ACCESS else BY_RELEASE_PLAN[release_plan]
    return shown if people else "medium"
