"""From a risk to a verdict: PASS, FAIL or INCONCLUSIVE, failing closed, with structured reasons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from worker.evaluation.fit import STOPPING
from worker.evaluation.risk import Risk

Evidence = Literal["verified", "evaluator", "unreferenced"]
Answer = Literal["PASS", "FAIL", "INCONCLUSIVE"]

POWER_NEEDED = 0.5
SENSITIVITY_NEEDED = 0.5


@dataclass(frozen=True)
class Reason:
    """One reason for a verdict: a code, and the figures it is about. The report puts it into words."""

    code: str
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Verdict:
    """The answer, its evidence level and why."""

    answer: Answer
    evidence: Evidence
    budget: float
    reasons: tuple[Reason, ...]

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes of the reasons, in order."""
        return tuple(reason.code for reason in self.reasons)


def evidence_level(*, references: bool, verifiers: int, evaluator: bool) -> Evidence:
    """verified: references and two verifiers; evaluator: references and an evaluator; else unreferenced."""
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
    """PASS: upper bound below budget, verified, power shown, no contamination, coverage complete, judges fit to judge,
    and a model that knows its training images. FAIL: lower bound above budget. Everything else is INCONCLUSIVE.

    Args:
        risk: None where nothing could be scored.
        power: R against the reference model under the same plan, None when it was not measured; 0.5 is needed.
        contamination_clean: None when public and private images were not compared.
        missing: planned identities without a submission or references.
        fit: how well the model labels its own private training images: `state`, and the figures behind it. Below the
            floor it may FAIL and never PASS; in a state of `STOPPING` nothing is concluded.
        references: whether there are private images.
        verifiers_measured: whether their error on real images is known.
        disagreement: one verifier accepts much that another rejects: `verifier`, `alone`, `together`.
        refused: verifiers that may not judge here: `verifier`, `why`.
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
    """What a pass needs beside a low risk, and is not there."""
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
