"""Sentences on what an audit can conclude, before it starts."""

from collections.abc import Callable

from app.contract.engine import POWER_NEEDED
from app.contract.nouns import NOUNS, Noun
from app.contract.shares import exact, share
from app.sentences.about import Facts
from app.sentences.honesty import meaning
from app.sufficiency.deciding import Known, deciding
from app.sufficiency.evidence_needed import all_hit_bound, fewest_for_pass, zero_hit_bound


def conclusions(known: Known, kind: str, *, unproven: bool = False) -> list[str]:
    """Return what this audit can and cannot conclude.

    Args:
        kind: what the classes of the release are.
        unproven: the shipped verifiers are the default, and no earlier audit has shown that they
            recognise these images.
    """
    noun = NOUNS[kind]
    lines = _verdicts(known, noun)
    if unproven and known.references and known.verifiers >= 2:
        lines.append(
            "The shipped verifiers were trained on handwritten characters. They judge only if they are shown to "
            "recognise "
            f"real images of these {noun.many}, which is measured before anything is attacked. Otherwise the evaluator "
            "alone decides, and the verdict cannot be PASS."
        )
    return [*lines, line] if (line := meaning(kind, noun)) else lines


def _verdicts(known: Known, noun: Noun) -> list[str]:
    if not known.references:
        return [
            "Without private images nothing can be verified: the verdict will be INCONCLUSIVE.",
            "It will show reconstructions, and how often the audited model assigns them to the class.",
        ]
    if known.verifiers < 2:
        judge = "1 verifier judges" if known.verifiers == 1 else "No verifier judges"
        return [
            f"{judge} these images, and two are needed: nothing can be verified.",
            "If there are enough images to train an evaluator, it alone decides, uncalibrated: the verdict can be "
            "FAIL or INCONCLUSIVE, never PASS.",
        ]
    bound, needed = zero_hit_bound(known.audited, known.sensitivity), fewest_for_pass(known.budget, known.sensitivity)
    people, seen = noun.counted(known.audited), _seen(known)
    lines = _possible(known, noun, passes=known.audited >= needed)
    if known.audited >= needed:
        lines.append(
            f"Without a hit in {people} the upper bound of R is {share(bound)}{seen}: below {exact(known.budget)}."
        )
        lines.append(
            f"PASS also needs a plan that finds at least {share(POWER_NEEDED)} in a reference model, a model that "
            "knows its training images, verifiers that agree, and public images free of private ones."
        )
    else:
        least = "about" if known.sensitivity else "at least"
        lines.append(
            f"Not PASS: {people} without a single hit bound R by {share(bound)} only{seen}; {least} {needed:,} are "
            "needed "
            f"for a budget of {exact(known.budget)}."
        )
        lines += [OFFERS[one.code](one.facts, noun) for one in deciding(known)]
    if known.audited == known.classes:
        lines.append("Every class is audited, so nobody is left out by sampling.")
    return lines


def _possible(known: Known, noun: Noun, *, passes: bool) -> list[str]:
    """Return the possible verdicts of this audit, and when it is FAIL."""
    most, budget = all_hit_bound(known.audited), exact(known.budget)
    if most <= known.budget:
        only = "PASS or INCONCLUSIVE, not as FAIL" if passes else "INCONCLUSIVE"
        everybody = f"all {noun.counted(known.audited)} were" if known.audited > 1 else f"that {noun.one} was"
        return [
            f"This audit can only end as {only}: even if {everybody} recognised, the one-sided 95 % lower bound of R "
            f"would be {share(most)}, which is not above {budget}."
        ]
    can = "FAIL, PASS or INCONCLUSIVE" if passes else "FAIL or INCONCLUSIVE, not as PASS"
    return [
        f"This audit can end as {can}.",
        f"FAIL, if the one-sided 95 % lower bound of R lies above {budget}.",
    ]


def _seen(known: Known) -> str:
    if known.sensitivity is None:
        return ", if the verifiers miss no real image"
    return (
        f", at the {share(known.sensitivity.value)} of real images that these verifiers recognised in an earlier audit"
    )


def _more(facts: Facts, noun: Noun) -> str:
    short = facts["needed"] - facts["referenced"]
    images = f", with private images of {noun.counted(short)} more" if short > 0 else ""
    return f"Audit {facts['needed']:,} of the {noun.counted(facts['classes'])} of the model for that{images}."


def _offer(facts: Facts, noun: Noun) -> str:
    more = "" if facts["sensitivity"] else "; a larger one if the verifiers miss real images"
    return f"The smallest budget that this audit could pass is {share(facts['offered'])}{more}."


OFFERS: dict[str, Callable[[Facts, Noun], str]] = {
    "more_identities": _more,
    "no_more_identities": lambda facts, noun: f"The model has no more than these {noun.counted(facts['classes'])}.",
    "too_few_identities": lambda facts, noun: (
        f"The model has {noun.counted(facts['classes'])}, which is too few for that."
    ),
    "other_budget": _offer,
}
"""What could make a PASS possible in an audit that cannot give one."""
