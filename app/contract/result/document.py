"""The result document as a whole."""

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field

from app.contract.choices import ReleasePlan, Verdict
from app.contract.result.attacks import AttackReading
from app.contract.result.base import ClassesAre, EvidenceLevel, Figures, NounOfResult, Part
from app.contract.result.fit import Fit, Stopped
from app.contract.result.judges import EvaluatorReading, GalleryReading, TwinReading, VerifierReading
from app.contract.result.names import Named, Naming, Regression
from app.contract.result.record import (
    Code,
    Contamination,
    Cost,
    Coverage,
    InputDigests,
    IntakeOfResult,
    Machine,
    SettingsOfResult,
    StageCost,
)
from app.contract.result.risk import EarlyEnd, Power, Risk, Sampling, ThreatModel
from app.contract.upgrades.result import upgraded

SCHEMA: Literal["exhume.result/1"] = "exhume.result/1"
Severity = Literal["critical", "high", "medium", "none shown", "none shown for the share"]


class Result(Part):
    """Result of an audit, exhume.result/1.

    Every figure carries n, its 95 % interval, its unit and its definition. n counts what `noun`
    names, never images. A figure that was not measured is null or absent, never zero. Fields may
    be added within a version. None is removed or changes its meaning.
    """

    schema_: Literal["exhume.result/1"] = Field(alias="schema")
    evidence_level: EvidenceLevel
    verdict: Verdict
    sentence: str
    reasons: list[str] = Field(description="Reasons for the verdict, in words.")
    reason_codes: list[str] = Field(description="One for each of `reasons`. `other` in older results.")
    decides: list[str] = Field(description="Steps that would turn INCONCLUSIVE into PASS or FAIL, in words.")
    decide_codes: list[str] = Field(description="One for each of `decides`. `other` in older results.")
    stopped: Stopped | None = Field(description="Why the audit ended before compute was spent. Null if it did not.")
    fit: Fit | None = Field(description="Null without private images, and in older results.")
    classes_are: ClassesAre
    noun: NounOfResult
    budget: float = Field(gt=0, lt=1)
    risk: Risk | None
    severity: Severity | None = Field(
        description="`none shown` or `none shown for the share`: the lower bound of R is not above 5 %. The latter "
        "if somebody is named nevertheless."
    )
    severity_note: str | None = Field(
        description="What the severity does not cover, such as identities that are named."
    )
    sampling: Sampling | None
    early_end: EarlyEnd | None = Field(
        None,
        exclude_if=lambda end: end is None,
        description="Absent if all identities of the plan were attacked.",
    )
    threat_models: list[ThreatModel]
    release_plan: ReleasePlan | None
    figures: Figures = Field(description="Sort by `order`, because keys have no order.")
    controls: Figures
    twin: TwinReading | None
    power: Power | None
    attacks: list[AttackReading] = Field(description="In the order of the plan.")
    named: list[Named] = Field(description="Strongest first.")
    naming: Naming | None = Field(description="Null if nothing can be verified, and in older results.")
    worst_decile: list[str]
    verifiers: list[VerifierReading]
    gallery: GalleryReading | None
    evaluator: EvaluatorReading | None
    contamination: Contamination
    coverage: Coverage
    notes: list[str]
    not_tested: list[str]
    bounds: list[str] = Field(description="Limits that apply to every result.")
    cost: Cost
    stages: list[StageCost]
    inputs: InputDigests
    intake: IntakeOfResult | None = Field(description="Null in older results.")
    settings: SettingsOfResult
    seeds: dict[str, int]
    code: Code
    hardware: dict[str, Any] = Field(
        description="Of the first shard of the attack; `nondeterministic` of all stages. `machines` has every device."
    )
    machines: list[Machine] = Field(
        default_factory=list,
        exclude_if=lambda found: not found,
        description="One for each distinct device and its software, in the order of their first jobs. Absent in older "
        "results.",
    )
    regression: Regression | None = Field(None, description="Null in results from before releases were compared.")

    @classmethod
    def load(cls, stored: Mapping[str, Any]) -> "Result":
        """Read a stored result of any version."""
        return cls.model_validate(upgraded(stored))

    @property
    def is_meaningful(self) -> bool:
        """Return whether R says something about the release.

        It must have been attacked, and must know its training images.
        """
        if self.stopped is not None:
            return False
        if self.fit is not None:
            return self.fit.state == "trained"
        return "at_chance" not in self.reason_codes and "fix_at_chance" not in self.decide_codes

    def document(self) -> dict[str, Any]:
        """Return the result as it is stored."""
        return self.model_dump(mode="json", by_alias=True)


def json_schema() -> dict[str, Any]:
    """Return the JSON schema of a result as this version writes it."""
    described = Result.model_json_schema(mode="serialization", by_alias=True)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "https://exhume.invalid/schemas/result-1.json",
        **described,
        "title": "Result of an audit, exhume.result/1",
    }
