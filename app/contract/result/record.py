"""What was done, with which inputs, settings and code, and what it cost."""

from typing import Any, Literal

from pydantic import Field

from app.contract.result.base import Digest, Part


class Contamination(Part):
    """Private images among the public ones, which were left out."""

    compared: bool
    exact: int
    near: int
    alike: int


class Coverage(Part):
    """How many identities the plan names, how many could be scored, and of how many they are a sample."""

    planned: int
    scored: int
    classes: int
    every_class: bool


class Cost(Part):
    """What an attacker has to spend for this R."""

    steps_per_reconstruction: int
    reconstructions_per_identity: int
    gradient_queries_per_identity: int
    device_minutes: float


class StageCost(Part):
    """What a stage cost."""

    stage: str
    seconds: float
    peak_memory_bytes: int | None


class InputDigests(Part):
    """Digests of everything that the result depends on."""

    checkpoint: Digest
    public: Digest | None = Field(None, description="Of images, labels, split and names together.")
    private: Digest | None = Field(None, description="Of images, labels, split and names together.")
    gallery: Digest | None = Field(None, description="Of images, labels, split and names together.")
    public_images: Digest
    private_images: Digest | None
    gallery_images: Digest | None
    twin: Digest | None
    plan: Digest
    prior: Digest | None
    prior_source: Literal["bundled", "built-in", "reused", "trained", "uploaded"] | None
    students: Digest | None
    power_reference: Digest | None
    reconstructions: Digest | None


class IntakeOfResult(Part):
    """How the checkpoint came in. Null where an older release does not say."""

    format: str | None
    sandbox: Literal["full", "partial", "limits"] | None = Field(
        description="How far the process that opened it was locked in."
    )
    architecture_detected: bool | None
    also_fits: list[str]


class SettingsOfResult(Part):
    """The plan, and all settings of the attack that follow from it."""

    plan: dict[str, Any] = Field(description="The plan as it was stored; `inputs.plan` is its digest.")
    attack: dict[str, Any]


class Code(Part):
    """Versions of the program and of what computes."""

    exhume: str
    engine: Digest
    torch: str
    numpy: str
    onnxruntime: str
