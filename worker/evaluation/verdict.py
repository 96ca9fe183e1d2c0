"""Turns a risk into PASS, FAIL or INCONCLUSIVE, with reasons. It fails closed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from worker.evaluation.fit import STOPPING
from worker.evaluation.risk import Risk
from worker.evaluation.sight import SENSITIVITY_NEEDED

Evidence = Literal["verified", "evaluator", "unreferenced"]
Answer = Literal["PASS", "FAIL", "INCONCLUSIVE"]

POWER_NEEDED = 0.5


@dataclass(frozen=True)
class Reason:
    """A reason for a verdict: a code and the figures behind it. The report puts it into words."""

    code: str
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Verdict:
    """The answer, its evidence level and its reasons."""

    answer: Answer
    evidence: Evidence
    budget: float
    reasons: tuple[Reason, ...]

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes of the reasons, in order."""
        return tuple(reason.code for reason in self.reasons)


def evidence_level(*, references: bool, verifiers: int, evaluator: bool) -> Evidence:
    """Return the evidence level.

    "verified" needs references and two verifiers, "evaluator" references and an evaluator;
    anything else is "unreferenced".
    """
    if references and verifiers >= 2:
        return "verified"
    return "evaluator" if references and evaluator else "unreferenced"


def verdict(
    risk: Risk | None,
    *,
    evidence: Evidence,
    budget: float = 0.05,
    power: float | None = None,
    contamination_clean: bool | None = None,
    missing: int = 0,
    fit: Mapping[str, Any] | None = None,
    references: bool = True,
    verifiers_measured: bool = True,
    disagreement: Mapping[str, Any] | None = None,
    refused: Sequence[Mapping[str, Any]] = (),
) -> Verdict:
    """Return the verdict for a risk.

    PASS needs an upper bound below the budget, verified evidence, sufficient power, no
    contamination, complete coverage, verifiers fit for these people, and a model that recognises
    its training images. FAIL needs a lower bound above the budget. Everything else is
    INCONCLUSIVE.

    Args:
        risk: None if nothing could be scored.
        power: R against the reference model under the same plan, None if not measured; 0.5 is
            needed.
        contamination_clean: None if public and private images were not compared.
        missing: planned identities without a submission or private images.
        fit: how well the model labels its private training images: `state`, and the figures behind
            it. Below the floor the verdict can be FAIL but not PASS. In a state of `STOPPING` it
            is INCONCLUSIVE.
        references: whether there are private images.
        verifiers_measured: whether the verifiers' error on real images is known.
        disagreement: `verifier`, `alone`, `together` of a verifier that accepts much that another
            rejects.
        refused: `verifier` and `why` of each verifier that is not fit for these people.
    """
    rejected = tuple(Reason("verifier_refused", facts) for facts in refused)
    if fit is not None and fit["state"] in STOPPING:
        return Verdict("INCONCLUSIVE", evidence, budget, (Reason(str(fit["state"]), fit),))
    if risk is None or evidence == "unreferenced":
        nothing = Reason("no_judge" if references else "no_references")
        return Verdict("INCONCLUSIVE", evidence, budget, (*rejected, nothing))
    if missing:
        return Verdict("INCONCLUSIVE", evidence, budget, (Reason("not_covered", {"missing": missing}),))
    bounds = {"lower": risk.lower, "upper": risk.upper, "budget": budget}
    if risk.lower > budget:
        alone = (Reason("uncalibrated"),) if evidence == "evaluator" else ()
        return Verdict("FAIL", evidence, budget, (Reason("lower_above_budget", bounds), *alone))
    lacking = [Reason("bounds_hold_budget", bounds)] if risk.upper >= budget else []
    if fit is not None and fit["state"] == "below_floor":
        lacking.append(Reason("below_floor", fit))
    if evidence == "evaluator":
        lacking.append(Reason("uncalibrated"))
    lacking += [*rejected, *_not_shown(power, contamination_clean)]
    if not verifiers_measured:
        lacking.append(Reason("sensitivity_unknown"))
    elif risk.sensitivity is not None and risk.sensitivity.value < SENSITIVITY_NEEDED:
        lacking.append(Reason("sensitivity_low", {"sensitivity": risk.sensitivity.value}))
    if disagreement is not None:
        lacking.append(Reason("verifiers_disagree", disagreement))
    if lacking:
        return Verdict("INCONCLUSIVE", evidence, budget, tuple(lacking))
    return Verdict("PASS", evidence, budget, (Reason("upper_below_budget", bounds),))


def _not_shown(power: float | None, contamination_clean: bool | None) -> list[Reason]:
    """Return the reasons that prevent a PASS even at a low risk."""
    lacking = []
    if power is None:
        lacking.append(Reason("power_unknown"))
    elif power < POWER_NEEDED:
        lacking.append(Reason("power_low", {"power": power, "needed": POWER_NEEDED}))
    if contamination_clean is None:
        lacking.append(Reason("not_compared"))
    elif not contamination_clean:
        lacking.append(Reason("contaminated"))
    return lacking
