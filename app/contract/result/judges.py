"""The judges of an audit and how good they are: verifiers, gallery, evaluator, twin."""

from typing import Literal

from pydantic import Field

from app.contract.result.base import Digest, Figures, Measurement, Part, Share


class VerifierReading(Part):
    """A verifier, and what it shows on real images of these identities."""

    name: str
    digest: Digest
    rank1_on_references: Share | None
    references: int
    refused: bool = Field(description="Whether it may not judge.")
    reason: str | None = Field(None, description="Why it may not judge.")
    threshold: float | None = None
    negatives: int | None = None
    false_match_rate: Share | None = None
    figures: Figures = Field(description="The same rates with their intervals. Empty in older results.")


class GalleryReading(Part):
    """The people among whom a verifier has to find the right one."""

    identities: int
    others: int
    dropped_images: int


class EvaluatorReading(Part):
    """The classifier that the literature judges by. It is not calibrated."""

    label: Literal["uncalibrated"]
    held_out_accuracy: Share | None
    n: int = Field(description="Held-out images; `figures` counts identities.")
    figures: Figures


class TwinAccuracy(Part):
    """How well the twin labels real images: of those it was trained without, and of the others."""

    on_replaced: Share | None
    on_others: Share | None
    figures: Figures


class TwinReading(Part):
    """The strictest control: the same attack on a model that was trained without the images of some identities."""

    n: int
    identities: list[str]
    p: Measurement
    q: Measurement
    risk: Measurement
    bound_low: float
    bound_high: float
    attack: str
    accuracy: TwinAccuracy | None
    definition: str
