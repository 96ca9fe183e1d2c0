"""The result document and the outcome of each identity."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from app.kit.cursor import Page
from app.kit.ids import AuditId, ReconstructionId
from app.kit.schema import Document, Json, Timestamp


class Loose(BaseModel):
    """Part of the result: the engine's document is passed on whole, with fields this version doesn't know yet."""

    model_config = ConfigDict(extra="allow")


class Figure(Loose):
    """A number that carries its uncertainty."""

    value: float | None
    low: float | None = None
    high: float | None = None
    n: int | None = None
    unit: str | None = None
    definition: str | None = None


class Risk(Figure):
    """R, with its interval and the one-sided bounds that the verdict uses."""

    bound_low: float | None = None
    bound_high: float | None = None
    method: str | None = None


class Verifier(Loose):
    """A judge, and how good it is."""

    name: str
    digest: str
    rank1_on_references: float | None = None
    references: int | None = None
    threshold: float | None = None
    negatives: int | None = None
    false_match_rate: float | None = None


class Evaluator(Loose):
    """The literature's judge: never calibrated."""

    label: str
    held_out_accuracy: float | None = None
    n: int | None = None


class StageOfResult(Loose):
    """What a stage cost."""

    stage: str
    seconds: float
    peak_memory_bytes: int | None = None


class Result(Loose):
    """The result of an audit (`exhume.result/1`)."""

    schema_: str = Field(alias="schema")
    evidence_level: Literal["verified", "evaluator", "unreferenced"]
    verdict: Literal["PASS", "FAIL", "INCONCLUSIVE"]
    sentence: str
    reasons: list[str]
    decides: list[str]
    budget: float
    risk: Risk | None
    figures: dict[str, Figure | None]
    controls: dict[str, Figure | None]
    verifiers: list[Verifier]
    evaluator: Evaluator | None = None
    not_tested: list[str]
    stages: list[StageOfResult]
    inputs: Json
    settings: Json
    hardware: Json


class Earlier(Loose):
    """An audit of an earlier release that measured in the same way."""

    audit: str
    version: str
    verdict: str | None
    risk: Figure


class Regression(Loose):
    """R against the previous comparable audit of the target; `difference` above zero is worse."""

    audit: str | None = None
    release: str | None = None
    version: str | None = None
    difference: Figure | None = None
    reason: str | None = None
    shared: int | None = None
    newly_exposed: int | None = None
    history: list[Earlier] = Field(default_factory=list)


class Score(Document):
    """What one judge says of one submitted reconstruction."""

    judge: str
    kind: str
    rank: int
    similarity: float | None
    threshold: float | None
    passed: bool
    nearest_reference: int | None


class Identity(Document):
    """What was found for one identity."""

    identity: int = Field(description="Class index of the target.")
    name: str
    verified: bool | None = Field(description="Rank 1 and above the threshold under every verifier.")
    control_verified: bool | None
    evaluator_top1: bool | None
    evaluator_top5: bool | None
    target_top1: bool | None
    similarity: float | None = Field(description="Lowest over the verifiers: the one that decides.")
    threshold: float | None
    rank: int | None = Field(description="Worst over the verifiers.")
    details: Json
    reconstruction_id: ReconstructionId | None
    control_reconstruction_id: ReconstructionId | None
    nearest_reference: int | None = Field(description="Index into the private dataset.")
    scores: list[Score]


class IdentityPage(Page[Identity]):
    """Identities by class index."""


class Reconstruction(Document):
    """One image an attack made, without the image."""

    id: ReconstructionId
    audit_id: AuditId
    source: str = Field(description="`attack`, or the name of a control.")
    identity: int
    seed: int
    restart: int
    submitted: bool
    digest: str = Field(description="SHA-256 of the pixels.")
    target_score: float | None
    target_confidence: float | None
    details: Json
    image_available: bool = Field(description="False once retention has destroyed it.")
    created_at: Timestamp


class ReconstructionPage(Page[Reconstruction]):
    """Reconstructions by identity, source, seed and restart."""
