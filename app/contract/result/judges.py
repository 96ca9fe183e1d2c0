"""The judges of an audit and their quality: verifiers, gallery, evaluator, twin."""

from typing import Literal

from pydantic import Field

from app.contract.result.base import Digest, Figures, Measurement, Part, Share


class VerifierReading(Part):
    """A verifier, and its measured rates on real images of these identities."""

    name: str
    digest: Digest
    rank1_on_references: Share | None
    references: int
    refused: bool = Field(description="Whether it was rejected as a judge.")
    reason: str | None = Field(None, description="Why it was rejected.")
    threshold: float | None = None
    negatives: int | None = None
    false_match_rate: Share | None = None
    figures: Figures = Field(description="The same rates with their intervals. Empty in older results.")


class GalleryReading(Part):
    """The gallery in which a verifier must find the right identity."""

    identities: int
    others: int
    dropped_images: int


class EvaluatorReading(Part):
    """The classifier that papers measure attack accuracy with. It is not calibrated."""

    label: Literal["uncalibrated"]
    held_out_accuracy: Share | None
    n: int = Field(description="Held-out images; `figures` counts identities.")
    figures: Figures


class TwinAccuracy(Part):
    """Accuracy of the twin on real images: of identities it was trained without, and of others."""

    on_replaced: Share | None
    on_others: Share | None
    figures: Figures


class TwinReading(Part):
    """The strictest control: the same attack on a model trained without some identities."""

    n: int
    identities: list[str]
    p: Measurement
    q: Measurement
    risk: Measurement
    bound_low: float
    bound_high: float
    attack: str = Field(description="Labels of the attacks, as in `attacks`, in the setting that the twin had.")
    accuracy: TwinAccuracy | None
    definition: str
