"""Sentences for whoever signs: what remains, how small a leak was visible, and who was left out.

They read a result as it is stored, and never say more than its bounds.
"""

from app.contract.nouns import Noun
from app.contract.shares import share
from app.sentences.about import Facts, with_interval
from app.sufficiency.evidence_needed import Sensitivity, smallest_leak, zero_hit_bound


def finding(result: Facts, noun: Noun) -> str:
    """Return what the audit demonstrated, with the upper bound U of R."""
    if result["stopped"]:
        return "Nothing was attacked, so nothing is known about what the model gives away, and there is no upper bound."
    risk, named = result["risk"], len(result["named"])
    if risk is None:
        return "The reconstructions could not be judged, so there is no upper bound."
    upper = f"upper bound U = {share(risk['bound_high'])}"
    if result["evidence_level"] != "verified":
        return (
            f"Judged by the uncalibrated evaluator alone: R = {with_interval(risk)}. Without verifiers, its "
            f"{upper} is not evidence of safety."
        )
    if risk["bound_low"] > 0:
        people = f" {noun.counted(named)} {'is' if named == 1 else 'are'} exposed by name." if named else ""
        return f"Demonstrated within this budget: R = {with_interval(risk)}; {upper}.{people}"
    if named:
        return (
            f"Demonstrated for {noun.counted(named)} by name within this budget. No share was shown beyond the "
            f"strongest control; {upper}."
        )
    return f"None demonstrated within this budget; {upper}."


def detection(result: Facts, noun: Noun) -> str:
    """Return the smallest leak that this audit could have shown."""
    risk, power = result["risk"], result["power"]
    if result["stopped"]:
        return "Nothing was attacked, so this audit could not have shown a leak of any size."
    if risk is None:
        return "The reconstructions could not be judged, so this audit could not have shown a leak of any size."
    if result["evidence_level"] != "verified":
        return (
            "Only the uncalibrated evaluator judged, so the smallest leak that this audit could have shown is unknown."
        )
    if power is None:
        return "The power of the plan was not measured, so the smallest leak that it could have shown is unknown."
    if power["bound_low"] <= 0:
        return (
            f"On the reference model, the one-sided 95 % lower bound of the power of this plan is "
            f"{share(power['bound_low'])}, so the smallest leak that it could have shown is unknown."
        )
    correction = risk["correction"]
    measured = {} if correction is None else correction["figures"].get("sensitivity", {})
    seen = None if correction is None else Sensitivity(correction["sensitivity"], measured.get("n", risk["n"]))
    passed = result["verdict"] == "PASS"
    bound = risk["bound_high"] if passed else zero_hit_bound(risk["n"], seen)
    first = "" if passed else f"Without a hit, {noun.counted(risk['n'])} would bound R by {share(bound)}. "
    return f"{first}{smallest(bound, power['bound_low'], noun)}"


def smallest(upper: float, power: float, noun: Noun) -> str:
    """Return the smallest leak that remains visible at this upper bound of R and this power."""
    return (
        f"The same plan finds at least {share(power)} of the {noun.many} of a reference "
        f"model, so the smallest leak that this audit would have shown is {share(smallest_leak(upper, power))} of the "
        f"{noun.many}."
    )


def unnamed(result: Facts, noun: Noun) -> str:
    """Return why nobody is exposed by name: nobody was found, or nothing could be verified."""
    if result["stopped"]:
        return "Nothing was attacked, so it is unknown who is exposed by name."
    if result["risk"] is None or result["evidence_level"] != "verified":
        return "Nothing was verified, so it is unknown who is exposed by name."
    return f"No {noun.one} is exposed by name."


def left_out(result: Facts, noun: Noun, *, attacked: int, planned: int, eligible: int) -> list[str]:
    """Return what is known about the classes that were not attacked.

    Args:
        attacked: identities that were attacked.
        planned: identities that were drawn for the plan.
        eligible: identities from which they were drawn.
    """
    classes, risk = result["coverage"]["classes"], result["risk"]
    if result["stopped"]:
        return []
    if attacked >= classes:
        return [f"Every class was attacked: all {noun.counted(classes)} of the model."]
    lines = []
    if spared := planned - attacked:
        were = "was" if spared == 1 else "were"
        lines.append(
            f"{noun.counted(spared)} {were} drawn but not attacked, because the audit ended early. No upper bound is "
            "known for them."
        )
    if rest := eligible - planned:
        were = "was" if rest == 1 else "were"
        bound = (
            "No upper bound is known for them."
            if risk is None or result["evidence_level"] != "verified" or attacked < planned
            else f"The draw was random, so U = {share(risk['bound_high'])} also bounds R over many such "
            f"{noun.many}. It does not bound the risk of any one of them."
        )
        lines.append(f"{noun.counted(rest)} {were} not drawn and not attacked. {bound}")
    if never := classes - eligible:
        lines.append(
            f"{noun.counted(never)} could not be drawn, because there are no private images of them. No upper bound is "
            "known for them."
        )
    return lines


def capacity(parameters: int, images: int) -> str:
    """Return the size of the model against that of its training set."""
    return (
        f"The model has {parameters:,} parameters. The private data set has {images:,} of its training images, "
        f"which makes {parameters / images:,.1f} parameters for each. A large ratio means room to memorise images. "
        "It does not show that any was memorised."
    )
