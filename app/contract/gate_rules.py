"""The rules of the gate. Their ids and names are stable: reports, waivers and scripts use them."""

from typing import Literal, NamedTuple

RuleId = Literal["EXH001", "EXH002", "EXH003", "EXH004", "EXH005", "EXH006", "EXH007", "EXH008", "EXH009"]


class Rule(NamedTuple):
    """A rule: its name, its title, and a description for people who meet it in a report."""

    name: str
    title: str
    description: str


RULES: dict[RuleId, Rule] = {
    "EXH001": Rule(
        "risk-within-budget",
        "Risk within budget",
        "The one-sided 95 % upper bound of R must be below the budget of the policy for each kind of access, and the "
        "audit must meet every other condition of a PASS.",
    ),
    "EXH002": Rule(
        "evidence-level", "Evidence level", "The audit must reach the evidence level that the policy requires."
    ),
    "EXH003": Rule("enough-identities", "Enough identities", "The audit must judge as many identities as required."),
    "EXH004": Rule("required-attacks", "Required attacks", "The attacks that the policy names must have run."),
    "EXH005": Rule(
        "inconclusive",
        "Nothing left undecided",
        "A rule that the evidence does not decide counts as the policy says: a failure, a warning or a pass.",
    ),
    "EXH006": Rule(
        "regression",
        "No regression",
        "R must not exceed that of the last release that passed by more than the policy tolerates.",
    ),
    "EXH007": Rule(
        "new-finding",
        "No new findings",
        "The audit must not name an identity that no audit of an earlier release named.",
    ),
    "EXH008": Rule(
        "freshness", "Fresh verdict", "The audit must be recent and made by the engine that the policy accepts."
    ),
    "EXH009": Rule("audit-completed", "Audit completed", "The audit must have ended with a result."),
}
