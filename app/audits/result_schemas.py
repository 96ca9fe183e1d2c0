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
    """A number with its 95 % interval; `n` counts what `noun` of the result names, never images."""

    value: float | None
    low: float | None = None
    high: float | None = None
    n: int | None = None
    unit: str | None = None
    definition: str | None = None
    id: str | None = None
    label: str | None = Field(None, description="What to print; sort by `order`.")
    format: Literal["share", "difference", "bits", "number"] | None = None
    order: int | None = None


class Risk(Figure):
    """R, with its interval and the one-sided bounds that the verdict uses."""

    bound_low: float | None = None
    bound_high: float | None = None
    method: str | None = None


class Verifier(Loose):
    """A judge, and how good it is; `figures` has its rates with intervals, by the same names."""

    name: str
    digest: str
    rank1_on_references: float | None = None
    references: int | None = None
    threshold: float | None = None
    negatives: int | None = None
    false_match_rate: float | None = None
    figures: dict[str, Figure] = Field(default_factory=dict)


class Evaluator(Loose):
    """The literature's judge: never calibrated."""

    label: str
    held_out_accuracy: float | None = None
    n: int | None = Field(None, description="Held-out images; `figures` counts identities.")
    figures: dict[str, Figure] = Field(default_factory=dict)


class Nouns(Loose):
    """What `n` counts: `1 person`, `22 people`."""

    one: str
    many: str


class Stopped(Loose):
    """Why an audit ended before compute was spent."""

    code: Literal["at_chance", "class_order", "input_convention"]
    detail: str


class ClassOrder(Loose):
    """An order of the class names under which the model labels its training images rightly."""

    displaced: int = Field(description="Class names that stand in another place than declared.")
    accuracy: float
    examples: list[Json] = Field(default_factory=list)
    suggested: list[str] = Field(description="Names by class index.")


class Fit(Loose):
    """How well the audited model labels its own private training images, measured before compute is spent."""

    accuracy: Figure
    images: int
    classes: int
    guessing: float
    p_value: float
    floor: float
    state: Literal["trained", "below_floor", "at_chance", "class_order", "input_convention"]
    order: ClassOrder | None = None
    conventions: list[Json] = Field(default_factory=list)


class Restarts(Loose):
    """Of all reconstructions of an identity, how many every verifier recognises."""

    recognised: int
    of: int


class Seeds(Loose):
    """Of earlier audits that differ in the seed alone and audited this identity, how many named it."""

    named: int
    of: int


class Named(Loose):
    """Somebody exposed by name, strongest first."""

    identity: int
    name: str
    p_value: float
    strength: float
    restarts: Restarts | None = None
    seeds: Seeds | None = Field(None, description="Null without such earlier audits.")


class Naming(Loose):
    """How far the names can be trusted."""

    false_discovery_rate: float
    expected_false: float = Field(description="Of the names, at most so many are expected to be wrong.")
    earlier_runs: int = Field(0, description="Earlier audits that differ in the seed alone.")
    named_earlier_only: list[str] = Field(default_factory=list)


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
    reasons: list[str] = Field(description="Why this verdict, in words.")
    reason_codes: list[str] = Field(default_factory=list, description="One for each of `reasons`.")
    decides: list[str] = Field(description="What would turn INCONCLUSIVE into an answer, in words.")
    decide_codes: list[str] = Field(default_factory=list, description="One for each of `decides`.")
    classes_are: Literal["person", "writer", "object", "condition", "other"] = "person"
    noun: Nouns | None = Field(None, description="What `n` counts; null in results of older versions.")
    fit: Fit | None = Field(None, description="Null without private images, and in results of older versions.")
    stopped: Stopped | None = None
    severity: str | None = None
    severity_note: str | None = Field(None, description="What the severity leaves out, such as who is named.")
    named: list[Named] = Field(default_factory=list)
    naming: Naming | None = None
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
    same_references: bool | None = Field(
        None, description="Whether both audits judge by the same private set; null where one has no digest of it."
    )
    sentence: str | None = Field(None, description="The comparison in words; null without one.")
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
    verifier: str | None = Field(
        description="The verifier that decides: of those that do not recognise the identity, or else of all, the one "
        "with the smallest similarity minus threshold."
    )
    similarity: float | None = Field(description="By the verifier that decides, as `threshold` and `rank` are.")
    threshold: float | None
    rank: int | None
    rank_exposed: int | None = Field(description="1 for the most exposed of the audit, by strength.")
    details: Json
    reconstruction_id: ReconstructionId | None
    control_reconstruction_id: ReconstructionId | None
    nearest_reference: int | None = Field(description="Index into the private dataset.")
    scores: list[Score]


class IdentityPage(Page[Identity]):
    """Identities by class index, or the most exposed first."""


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
