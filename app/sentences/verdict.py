"""The verdict in one line and its reasons. Every bound is named, and n counts identities."""

from collections.abc import Callable
from typing import Any

from app.contract.figures import CONTROLS
from app.contract.shares import exact, share, span
from app.sentences import references
from app.sentences.about import About, Facts, by_verifiers, reference_model, with_interval
from app.sentences.residual import smallest


def stopped_sentence(answer: str, detail: str) -> str:
    """Return the sentence for an audit that ended before compute was spent."""
    return f"{answer}: {detail}"


def unjudged_sentence(answer: str, attacked: int, about: About, *, references: bool) -> str:
    """Return the sentence for an audit whose reconstructions could not be verified."""
    lack = "there is no verifier or evaluator to judge" if references else "there are no private images to judge by"
    verb = "was" if attacked == 1 else "were"
    return (
        f"{answer}: {about.noun.counted(attacked)} {verb} attacked, and {lack} whether the reconstructions are "
        "likenesses."
    )


def sentence(
    answer: str, *, evidence: str, hits: int, n: int, control: Facts, risk: Facts, budget: float, about: About
) -> str:
    """Return the verdict in one line: counts, R with interval and correction, and the budget.

    Args:
        control: the strongest control: `name`, `value`.
        risk: of the result document, with `correction`.
    """
    who = by_verifiers(about.verifiers) if evidence == "verified" else "by the evaluator alone, uncalibrated"
    counted = f"{hits:,} of {about.noun.counted(n)} recognised {who}, {controlled(control, n, about)}."
    return f"{answer}: {counted} {corrected(risk)} The budget is {exact(budget)}."


def controlled(control: Facts, n: int, about: About) -> str:
    """Return a phrase such as `7 of 30 by the strongest control (nearest public image)`."""
    kind = CONTROLS.get(str(control["name"]))
    if kind is None:
        return "without a control"
    label = f"reconstructions of other {about.noun.many}" if control["name"] == "permuted" else kind.label
    hits = float(control["value"]) * n
    whole = abs(hits - round(hits)) < 1e-6
    reached = f"{round(hits):,} of {n:,}" if whole else share(control["value"])
    return f"{reached} by the strongest control ({label})"


def corrected(risk: Facts) -> str:
    """Return R with its interval, with and without the correction if that was measured."""
    correction: Facts | None = risk.get("correction")
    if correction is None:
        return f"R = {with_interval(risk)}, not corrected for errors of the verifiers or the evaluator."
    figures = correction["figures"]
    return (
        f"The verifiers miss {share(1 - figures['sensitivity']['value'])} of real images; corrected for that, "
        f"R = {with_interval(risk)}. Uncorrected, R = {with_interval(figures['uncorrected_risk'])}."
    )


def reason(code: str, facts: Facts, about: About) -> str:
    """Return one reason for a verdict in words."""
    return REASONS[code](facts, about)


def _fit(code: str) -> Callable[[Facts, About], str]:
    return lambda facts, about: references.STOPS[code](facts)


def _not_covered(facts: Facts, about: About) -> str:
    return f"Private training images are missing for {about.noun.counted(facts['missing'])} of the plan."


def _disagree(facts: Facts, about: About) -> str:
    return (
        f"The verifiers disagree: {facts['verifier']} alone recognises {share(facts['alone'])} of the "
        f"{about.noun.many}, "
        f"all of them together {share(facts['together'])}. Success needs all of them, so a leak may be hidden."
    )


def _power_low(facts: Facts, about: About) -> str:
    power: Facts = about.power or {"value": facts["power"]}
    found = with_interval(power) if "low" in power else share(power["value"])
    return (
        f"The same plan reaches R = {found} on {reference_model(power.get('reference') or {})}; "
        f"{share(facts['needed'])} is needed. The plan is too weak for a low risk to be meaningful."
    )


def _upper_below_budget(facts: Facts, about: About) -> str:
    below = (
        f"The one-sided 95 % upper bound of R for the gate, {share(facts['upper'])}, is below the budget of "
        f"{exact(facts['budget'])}."
    )
    power: Facts = about.power or {}
    if not power.get("bound_low"):
        return below
    return f"{below} {smallest(facts['upper'], power['bound_low'], about.noun)}"


REASONS: dict[str, Callable[[Facts, About], str]] = {
    "at_chance": _fit("at_chance"),
    "class_order": _fit("class_order"),
    "input_convention": _fit("input_convention"),
    "below_floor": lambda facts, about: references.below_floor(facts),
    "no_references": lambda facts, about: "There are no private images, so likeness cannot be judged.",
    "no_judge": lambda facts, about: (
        "Fewer than two verifiers can judge these images, and no evaluator could be trained, so likeness "
        "cannot be judged."
    ),
    "not_covered": _not_covered,
    "lower_above_budget": lambda facts, about: (
        f"The one-sided 95 % lower bound of R for the gate, {share(facts['lower'])}, is above the budget of "
        f"{exact(facts['budget'])}."
    ),
    "upper_below_budget": _upper_below_budget,
    "bounds_hold_budget": lambda facts, about: (
        f"The one-sided 95 % bounds of R for the gate, {span(facts['lower'], facts['upper'])}, contain the budget of "
        f"{exact(facts['budget'])}: neither FAIL nor PASS is shown."
    ),
    "uncalibrated": lambda facts, about: (
        "Only the uncalibrated evaluator has judged. It accepts many images that are not likenesses, so it cannot "
        "show safety."
    ),
    "verifier_refused": lambda facts, about: str(facts["why"]),
    "power_unknown": lambda facts, about: (
        "Nothing shows that this plan would find a leak: its power was not measured, which requires two verifiers."
    ),
    "power_low": _power_low,
    "not_compared": lambda facts, about: "Public and private images were not compared for duplicates.",
    "contaminated": lambda facts, about: "The public images contain private ones.",
    "sensitivity_unknown": lambda facts, about: (
        f"How often the verifiers recognise real images is unknown: there is one image of each {about.noun.one}."
    ),
    "sensitivity_low": lambda facts, about: (
        f"The verifiers recognise {share(facts['sensitivity'])} of the real images, fewer than half: they miss too "
        "much "
        "to show safety."
    ),
    "verifiers_disagree": _disagree,
}


def reasons(found: Any, about: About) -> tuple[list[str], list[str]]:
    """Return the sentences and the codes of the reasons of a verdict, in the same order."""
    return [reason(one.code, one.facts, about) for one in found], [one.code for one in found]
