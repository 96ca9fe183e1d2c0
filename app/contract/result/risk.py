"""The risk R: its correction, the access it assumes, sampling, and the power check."""

from typing import Literal

from pydantic import Field

from app.contract.result.base import Access, Digest, Figure, Figures, Interval, Measurement, Part, Share


class Correction(Part):
    """The correction of R for errors of the verifiers."""

    sensitivity: Share
    specificity: Share
    p: Share
    q: Share
    uncorrected_risk: Share
    definition: str
    figures: Figures = Field(description="The same rates with their intervals. Empty in older results.")


class Risk(Figure):
    """R with its interval, and the one-sided bounds that decide the verdict."""

    bound_low: Share
    bound_high: Share
    strongest_control: str | None
    correction: Correction | None = Field(description="Null if errors of the verifiers were not measured.")
    method: str


class BoundedRisk(Measurement):
    """R with its one-sided bounds."""

    bound_low: Share
    bound_high: Share


class ThreatModel(Part):
    """Result for attackers with one kind of access."""

    access: Access
    needs: str = Field(description="What such an attacker has.")
    tested: bool
    attacks: list[str]
    risk: BoundedRisk | None
    severity: str | None
    words: str


class Sampling(Part):
    """Whether the interval covers a sample of the identities or all of them."""

    case: Literal["census", "sample"]
    audited: int
    of: int
    finite_population: Interval | None = Field(
        description="Interval of R for the identities of this model alone. Null if all of them were audited."
    )
    words: str


class EarlyEnd(Part):
    """The early look that ended the audit."""

    planned: int = Field(description="Identities of the plan.")
    attacked: int = Field(description="A random part of them, which this result is about.")
    certain: Literal["FAIL", "PASS"]
    bound_low: Share
    bound_high: Share
    alpha: Share = Field(description="Error rate of each of these one-sided bounds of R.")
    words: str


class Leak(Part):
    """R of a reference model under a stronger plan."""

    plan: str
    R: Measurement


class ReferenceModel(Part):
    """The model that the power check attacks."""

    source: Literal["bundled", "trained"]
    digest: Digest
    figures: Figures
    leak: Leak | None = Field(description="Null if its leak was not measured.")
    known_to_leak: bool = Field(description="True only if a stronger plan measured its leak.")
    words: str = Field(description="Description in words.")


class Power(Figure):
    """R of the same plan against a reference model."""

    bound_low: Share
    verified: Measurement
    control: Measurement
    convinced: Figure | None = Field(
        description="How often the reference model takes a reconstruction for its class. Null in older results."
    )
    needed: Share = Field(description="R that a PASS requires.")
    reference: ReferenceModel
    key: Digest
    reused: bool
