"""Facts that the sentences of one audit share: noun, verifiers, reference model."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.contract.nouns import PERSON, Noun
from app.contract.shares import interval, share, span

Facts = Mapping[str, Any]
NUMBERS = {2: "both verifiers", 3: "all three verifiers", 4: "all four verifiers"}


@dataclass(frozen=True)
class About:
    """The audit that sentences are about.

    Attributes:
        verifiers: number of verifiers that were used.
        power: the power check of the result.
        missing: names without private images.
    """

    noun: Noun = PERSON
    verifiers: int = 2
    power: Facts | None = None
    missing: Sequence[str] = ()


def by_verifiers(count: int) -> str:
    """Return a phrase such as `by both verifiers`."""
    return f"by {NUMBERS.get(count, f'all {count} verifiers')}"


def with_interval(figure: Facts) -> str:
    """Return a phrase such as `87 % (95 % interval 69 % to 96 %)`."""
    return f"{share(figure['value'])} (95 % interval {span(figure['low'], figure['high'])})"


def reference_model(reference: Facts) -> str:
    """Return the reference model of the power check.

    It is called known to leak only if a stronger plan measured its leak.
    """
    if leak := reference.get("leak"):
        return (
            f"the shipped reference model, known to leak: R = {interval(leak['R'])} on {leak['R']['n']} of its "
            f"classes, by {leak['plan']}"
        )
    what = "trained on your references" if reference.get("source") == "trained" else "shipped with Exhume"
    return f"a reference model without defences, {what}{knows(reference.get('figures') or {})}"


def knows(figures: Mapping[str, Facts]) -> str:
    """Return a phrase with the measured accuracies.

    For example ` (it labels 100 % of its training images correctly, 71 % of held-out ones)`.
    """
    of = {"training_accuracy": "its training images correctly", "held_out_accuracy": "held-out ones"}
    seen = [f"{share(figures[name]['value'])} of {what}" for name, what in of.items() if name in figures]
    return f" (it labels {', '.join(seen)})" if seen else ""
