"""Sentences on two audits that are compared."""

from app.contract.nouns import Noun
from app.contract.shares import points
from app.sentences.about import Facts


def compared(difference: Facts, *, shared: int, newly: int, no_longer: int, noun: Noun) -> str:
    """Return `The second audit exposes more: R +12 points (95 % interval ...), ...`."""
    low, high = difference["low"], difference["high"]
    if low > 0:
        said = "The second audit exposes more"
    elif high < 0:
        said = "The second audit exposes less"
    else:
        said = "No difference is shown"
    span = f"{points(low)} to {points(high)}"
    return (
        f"{said}: R {points(difference['value'])} (95 % interval {span}) over {shared:,} shared {noun.of(shared)}, "
        f"{newly:,} newly recognised, {no_longer:,} no longer. Not corrected for errors of the verifiers."
    )


def incomparable(reasons: list[str]) -> str:
    """Return the sentence for two audits whose R cannot be compared."""
    return f"These audits cannot be compared. {' '.join(reasons)}"


def not_verified() -> str:
    """Return the reason where one of the audits has no verified result."""
    return "One of them was not judged by two verifiers with private images."


def nothing_learned() -> str:
    """Return the reason where R of one of the audits says nothing about its release."""
    return "The release of one of them was not attacked, or was not shown to know its training images."


def other_verifiers() -> str:
    """Return the reason where other verifiers judged."""
    return "They were judged by different verifiers, whose thresholds and errors differ."


def other_gallery() -> str:
    """Return the reason where the verifiers searched another gallery."""
    return "Their galleries differ, and rank 1 is harder to reach in a larger one."


def other_private_size(first: int, second: int, noun: Noun) -> str:
    """Return the note for private sets with another number of identities."""
    return (
        f"The private images of the first show {first:,} {noun.many}, and those of the second {second:,}. "
        "Rank 1 is harder to reach in a larger set, which alone lowers R."
    )


def nobody_shared(noun: Noun) -> str:
    """Return the reason for two samples with no identity in common."""
    return f"No audited {noun.one} is in both."
