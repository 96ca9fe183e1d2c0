"""Whether the first identities of an audit already make its verdict certain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from worker.evaluation.portfolio import common_error, risk_of
from worker.evaluation.verification import Verification

FEWEST_VERIFIERS = 2


@dataclass(frozen=True)
class Looked:
    """The bounds of R at a look.

    Attributes:
        certain: the answer of a bound that clears the budget, or None.
        lower, upper: one-sided bounds at 1 - alpha.
    """

    certain: Literal["FAIL", "PASS"] | None
    lower: float
    upper: float

    def to_dict(self) -> dict[str, Any]:
        """Return it for the result of the stage."""
        return asdict(self)


def certain(
    shown: Verification | None,
    rivals: Sequence[Verification] = (),
    *,
    budget: float,
    alpha: float,
    seed: int,
) -> Looked | None:
    """Judge R of the first identities with bounds that err in a share `alpha` of audits.

    FAIL is certain if the lower bound is above the budget, PASS if the upper one is below. At a
    small alpha, a later test of all identities at 5 % keeps an error rate of 5 %.

    Args:
        shown, rivals: as for `portfolio.risk_of`. None if nothing was verified.

    Returns: None with fewer than two verifiers, whose verdict cannot be certain.
    Source: Haybittle, British Journal of Radiology 1971; Peto et al., British Journal of Cancer
        1976.
    """
    if shown is None or len(shown.readings) < FEWEST_VERIFIERS:
        return None
    found = risk_of(shown, rivals, error=common_error([shown, *rivals]), seed=seed, alpha=alpha)
    answer: Literal["FAIL", "PASS"] | None = None
    if found.lower > budget:
        answer = "FAIL"
    elif found.upper < budget:
        answer = "PASS"
    return Looked(answer, found.lower, found.upper)
