"""Sentences on changes since the previous release. Differences of shares are signed points."""

from app.contract.nouns import Noun
from app.contract.shares import points
from app.sentences.about import Facts


def against(version: str, difference: Facts, *, shared: int, newly: int, noun: Noun) -> str:
    """Return `Against release 1: R +12 points (95 % interval ...), 90 shared people, ...`."""
    span = f"{points(difference['low'])} to {points(difference['high'])}"
    return (
        f"Against release {version}: R {points(difference['value'])} (95 % interval {span}), "
        f"{shared:,} shared {noun.of(shared)}, {newly:,} newly recognised. Not corrected for errors of the verifiers."
    )


def nothing_comparable() -> str:
    """Return the sentence for an audit whose R says nothing about its model."""
    return "This model does not label its own training images well enough to compare its R with an earlier release."


def nothing_earlier() -> str:
    """Return the sentence for the first audit of its kind."""
    return "No earlier release of this target was audited in the same way."


def nobody_shared(version: str, noun: Noun) -> str:
    """Return the sentence for two samples with no identity in common."""
    return f"No audited {noun.one} is shared with release {version}."
