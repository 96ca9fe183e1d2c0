"""Findings of the checks of a checkpoint and of a verifier, stored with the release or verifier.

Fields that the first version did not write have defaults, so that every stored examination can be
read.
"""

from typing import Annotated, Literal

from pydantic import Field

from app.contract.result.base import Part

Sandbox = Literal["full", "partial", "limits"]
Outputs = Literal["logits", "probabilities", "log-probabilities", "sigmoid"]
Ends = Annotated[list[float], Field(min_length=2, max_length=2)]
"""Least and largest value."""


class WeightsSource(Part):
    """A file of weights by name. What was not needed to read it is null."""

    format: Literal["safetensors", "safetensors-shards", "torch-zip"]
    shards: list[str] | None = Field(None, description="Names of the files that it was joined from.")
    wrapper: list[str] | None = Field(None, description="Keys of the dicts around the weights.")
    prefix: str | None = Field(None, description="Removed from every name.")
    left_out: list[str] | None = Field(None, description="Names of losses, metrics and counters that were skipped.")
    layout: str | None = Field(None, description="The library whose names were translated.")
    head: str | None = Field(None, description="Name of the last layer, if the architecture has another.")
    computed: list[str] | None = Field(None, description="Pruned and normalised weights that were computed.")
    key_map: dict[str, str] | None = Field(None, description="Names in the file to names of the architecture.")
    others: list[list[str]] | None = Field(None, description="Wrappers of other weights that fit.")


class FirstSteps(Part):
    """Values that the first layer of a graph sees, and a convention that suits it better."""

    seen: Ends
    suggested: dict[Literal["mean", "std"], list[float]] | None
    then_seen: Ends | None = Field(None, description="With the suggested convention.")


class GraphSource(Part):
    """An ONNX file, converted to a graph of the engine."""

    format: Literal["onnx"]
    producer: str
    opset: int
    operators: list[str]
    key_map: dict[str, str]
    left_out: list[str] = Field(default_factory=list, description="Activations after the last layer.")
    scale: float = Field(1.0, description="Factor after the last layer, left out of the checked copy.")
    channels_last: bool = False
    first_steps: FirstSteps | None = Field(None, description="Null if the graph does not normalise images.")


class StatedClassOrder(Part):
    """The class order that a file states. `agrees` is null if its names cannot be compared."""

    source: str
    agrees: bool | None
    confirmed: bool


class Examination(Part):
    """What the checks of a checkpoint found. What an older version did not check is null."""

    checkpoint_sha256: str = Field(description="SHA-256 of the checked copy, in hexadecimal.")
    outputs: Outputs
    num_classes: int
    feature_dim: int
    parameters: int
    multiply_adds: int | None = Field(None, description="Multiply-adds of a forward pass of one image.")
    tensors: int
    dtypes: list[str]
    notes: list[str]
    source: Annotated[WeightsSource | GraphSource, Field(discriminator="format")] | None = None
    detected: bool | None = Field(None, description="Whether the architecture was found by the weights.")
    also_fits: list[str] = Field(
        default_factory=list, description="Architectures that the same weights fit, with other outputs."
    )
    class_order: StatedClassOrder | None = Field(None, description="Null if the file states no order.")
    sandbox: Sandbox | None = Field(None, description="How far the process that opened the file was locked in.")


class VerifierExamination(Part):
    """What the checks of a verifier's file found."""

    opset: int
    ir_version: int
    producer: str
    operators: list[str]
    nodes: int
    parameters: int
    notes: list[str]
    sandbox: Sandbox
