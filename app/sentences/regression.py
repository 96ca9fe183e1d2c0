"""What changed since the release before, in words: differences of shares are signed points."""

from app.contract.nouns import Noun
from app.contract.shares import points
from app.sentences.about import Facts


def against(version: str, difference: Facts, *, shared: int, newly: int, noun: Noun) -> str:
    """`Against release 1: R +12 points (95 % interval +3.1 points to +21.4 points), 90 shared people, ...`."""
    span = f"{points(difference['low'])} to {points(difference['high'])}"
    return (
        f"Against release {version}: R {points(difference['value'])} (95 % interval {span}), "
        f"{shared:,} shared {noun.of(shared)}, {newly:,} newly recognised. Not corrected for errors of the verifiers."
    )


def not_judged() -> str:
    """For an audit whose R is not about the model that it names."""
    return (
        "This model does not label its own training images well enough to compare its R with that of a release before."
    )


def nothing_earlier() -> str:
    """For the first audit of its kind."""
    return "No earlier release of this target was audited in the same way."


def nobody_shared(version: str, noun: Noun) -> str:
    """For two samples without anybody in common."""
    return f"No audited {noun.one} is shared with release {version}."
