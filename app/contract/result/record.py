"""Record of an audit: inputs, settings, code and cost."""

from typing import Any, Literal

from pydantic import Field

from app.contract.result.base import Digest, Part


class Contamination(Part):
    """Private images found in the public data set. They were left out."""

    compared: bool
    exact: int
    near: int
    alike: int


class Coverage(Part):
    """Numbers of identities that were planned and scored, and of classes they are a sample of."""

    planned: int
    scored: int
    classes: int
    every_class: bool


class Cost(Part):
    """Cost of reaching this R for an attacker."""

    steps_per_reconstruction: int = Field(description="Mean over all attacks, rounded up.")
    reconstructions_per_identity: int
    gradient_queries_per_identity: int = Field(
        description="Of all attacks, with an equal share of the domain refits, rounded up."
    )
    device_minutes: float


class StageCost(Part):
    """Cost of a stage."""

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
    prior: Digest | None = Field(description="Of the first attack; `attacks` has those of all.")
    prior_source: Literal["bundled", "built-in", "reused", "trained", "uploaded"] | None
    students: Digest | None
    power_reference: Digest | None
    reconstructions: Digest | None


class IntakeOfResult(Part):
    """How the checkpoint was read. Fields are null for older releases that do not record them."""

    format: str | None
    sandbox: Literal["full", "partial", "limits"] | None = Field(description="Isolation of the process that opened it.")
    architecture_detected: bool | None
    also_fits: list[str]


class SettingsOfResult(Part):
    """The plan and all settings of the attack that result from it."""

    plan: dict[str, Any] = Field(description="The plan as it was stored; `inputs.plan` is its digest.")
    attack: dict[str, Any] = Field(description="Of the first attack.")
    attacks: list[dict[str, Any]] = Field(description="Of every attack, in the order of the plan.")


class MachineSearch(Part):
    """How a device searched for the reconstructions of an attack."""

    attack: int = Field(ge=0, description="Its position in the plan.")
    precision: str = "float32"
    images_at_once: int | None = Field(None, description="Null: as many as planned.")
    cuda_graphs: bool = Field(False, description="Whether a recorded step was replayed.")


class Machine(Part):
    """A device with its software, and the parts of the audit that were computed on it."""

    hardware: dict[str, Any]
    stages: list[str] = Field(description="Stages that ran on it, in the order of their first jobs.")
    searches: list[MachineSearch] = Field(description="Distinct ways in which it searched.")
    nondeterministic: list[str] = Field(
        description="Operations that its stages used and that have no deterministic kernel there."
    )


class Code(Part):
    """Versions of the program and its numerical libraries."""

    exhume: str
    engine: Digest
    torch: str
    numpy: str
    onnxruntime: str
