"""Whether a policy can pass at all for a model with a given number of classes."""

from dataclasses import dataclass

from app.contract.policy import Policy
from app.contract.shares import exact
from app.gate.rules.risk import budgets
from app.sufficiency.evidence_needed import fewest_for_pass, round_up, zero_hit_bound


@dataclass(frozen=True)
class Impossible:
    """Why a policy can never pass: the number of identities needed, and a sentence."""

    needed: int
    words: str


def impossible(policy: Policy, classes: int) -> Impossible | None:
    """Return why no audit of a model with this many classes can pass, or None if one could.

    Assumes the best case: every identity is audited, none is recognised, and the verifiers miss no
    real image. A budget that cannot be met leaves the risk undecided, so it matters only if the
    policy fails what is undecided.
    """
    if policy.fewest_identities > classes:
        needed = policy.fewest_identities
        words = f"The policy requires {needed:,} identities, and the model has {classes:,} classes."
        return Impossible(needed, words)
    smallest = min(budgets(policy).values(), default=None)
    if smallest is None or policy.inconclusive != "fail":
        return None
    needed = fewest_for_pass(smallest)
    if needed <= classes:
        return None
    offered = round_up(zero_hit_bound(classes))
    raise_it = f" The smallest budget that {classes:,} classes can meet is {exact(offered)}." if offered < 1 else ""
    words = (
        f"A budget of {exact(smallest)} can only be met with at least {needed:,} identities, and the model has "
        f"{classes:,} classes.{raise_it}"
    )
    return Impossible(needed, words)
