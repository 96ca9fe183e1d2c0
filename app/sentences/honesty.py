"""Limits of a result: bounds, untested attacks, the sample, the meaning of a reconstruction."""

from collections.abc import Sequence

from app.contract.nouns import PERSON_LIKE, Noun
from app.contract.shares import exact, share, span
from app.sentences.about import Facts, with_interval

ACCESS = {"white-box": "the weights", "scores": "the scores of any image", "labels": "labels alone"}
FAMILIES = {"miface": "gradient search in pixels, without a generator"}
LATENT_SEARCH = "latent search with a generator of public images"
NOT_TESTED = (
    "attackers with better public images, more compute or a stronger generator",
    "LPIPS and Inception FID: their weights are not shipped and nothing is downloaded",
)
SHOWN_ABOVE = 0.05


def bounds(noun: Noun) -> list[str]:
    """Return the limits of every result."""
    return [
        f"This result bounds the tested attacks at the tested budgets, on the tested {noun.many}: a PASS is "
        "not a proof.",
        "Figures computed with different verifiers or evaluators must not be compared.",
        f"Sample size: 100 {noun.many} give about 10 points either way at 50 %, 300 give 6, 1,000 give 3.",
    ]


def sampling(noun: Noun, *, audited: int, of: int, referenced: int, alone: tuple[float, float] | None) -> str:
    """Return whether the interval is about a sample or about all identities.

    Args:
        alone: interval of R for the identities of this model only, if they are a sample.
    """
    if audited == of:
        return (
            f"All {noun.counted(of)} of the model were audited, so nobody was left out by sampling. The interval is "
            "that of "
            f"a sample of {of:,} from many such {noun.many}: for these alone it is wider than necessary, and the "
            "verdict rests on it."
        )
    source = f"the {of:,} of the model" if referenced >= of else f"the {referenced:,} with private images"
    drawn = (
        f"{noun.counted(audited)} were drawn by seed from {source} before anything ran."
        if audited < min(of, referenced)
        else f"{noun.counted(audited)} of {of:,} have private images and were audited."
    )
    narrower = "" if alone is None else (
        f" If they stand for all {of:,} of this model, R of these {of:,} lies between "
        f"{span(*alone).replace(' to ', ' and ')}."
    )  # fmt: skip
    return f"{drawn} The interval is for many such {noun.many}.{narrower}"


def early_end(found: Facts, noun: Noun) -> str:
    """Return why the audit ended after its early look.

    Args:
        found: `attacked`, `planned`, `certain`, `bound_low`, `bound_high`, `alpha`, `budget`.
    """
    bound, side = ("bound_low", "above") if found["certain"] == "FAIL" else ("bound_high", "below")
    name = {"bound_low": "lower", "bound_high": "upper"}[bound]
    return (
        f"The audit ended early, after a random {found['attacked']:,} of the {found['planned']:,} planned "
        f"{noun.many}: the one-sided {share(1 - found['alpha'])} {name} bound of R there, {share(found[bound])}, is "
        f"{side} the budget of {exact(found['budget'])}. The other {noun.many} were not attacked, so nothing is known "
        "about them."
    )


def threat_model(portfolio: str, *, attacks: int, tested: bool, risk: Facts | None) -> str:
    """Return what is known for one kind of access.

    Args:
        portfolio: the label of all attacks, whose number is `attacks`.
    """
    if not tested:
        return "not tested"
    if risk is None:
        run = f"{portfolio} {'was' if attacks == 1 else 'were'} run"
        return f"{run}, but no verifier or evaluator could judge whether the reconstructions are likenesses"
    return f"{portfolio}: R = {with_interval(risk)}"


def severity_note(severity: str | None, *, named: int, lower: float | None, kind: str, noun: Noun) -> str | None:
    """Return what the severity does not say, or None."""
    if severity is None or lower is None:
        return None
    if lower <= SHOWN_ABOVE and named:
        are = "is" if named == 1 else "are"
        return (
            f"{noun.counted(named)} {are} named although the share is within {share(SHOWN_ABOVE)}: the one-sided 95 % "
            "lower "
            f"bound of R is {share(lower)}. Severity describes the share; whoever is named is exposed at any share."
        )
    if severity == "medium" and kind not in PERSON_LIKE:
        return "At most medium: a class of this model is not one person."
    return None


def meaning(kind: str, noun: Noun) -> str | None:
    """Return what a reconstruction means if a class is not one person, or None."""
    if kind in PERSON_LIKE:
        return None
    return (
        f"R counts {noun.many}, not people. A rebuilt class shows what the model holds of the class as a whole. It can "
        "combine images of several people, and it is not a picture of one of them unless the class has images of only "
        "one person. Whether single training images can be rebuilt was not tested."
    )


def not_tested(
    noun: Noun,
    *,
    access: str,
    attacks: Sequence[str],
    twin: Facts | None,
    audited: int,
    left: int,
    power: bool,
    attacked: bool,
) -> list[str]:
    """Return what a reader might wrongly believe was covered."""
    lines = [f"attackers who have {what}" for name, what in ACCESS.items() if name != access or not attacked]
    if attacked:
        families = dict.fromkeys(FAMILIES.get(attack, LATENT_SEARCH) for attack in attacks)
        lines.append(f"attack families other than {' and '.join(families)}")
    lines += NOT_TESTED
    if twin is None:
        lines.append(f"a twin of the model trained without the audited {noun.many} (the strictest control)")
    elif twin["n"] < audited:
        lines.append(f"the twin control for {audited - twin['n']:,} of the audited {noun.many}")
    if not power:
        lines.append("the power of this plan on a reference model")
    return [*lines, f"{noun.counted(left)} outside the sample"] if left else lines
