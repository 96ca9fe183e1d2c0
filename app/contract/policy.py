"""Policy: conditions that the releases of a target must meet before they ship."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from app.contract.choices import Attack
from app.contract.result.base import EvidenceLevel

POLICY_SCHEMA: Literal["exhume.policy/1"] = "exhume.policy/1"
Severity = Literal["fail", "warn"]
Budget = Annotated[float, Field(gt=0, lt=1)]


class Part(BaseModel):
    """Part of a policy. An unknown field is an error, because the gate would ignore it."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Budgets(Part):
    """Largest accepted R for each kind of access. Null: the gate does not ask about it."""

    white_box: Budget | None = 0.05
    scores: Budget | None = None
    labels: Budget | None = None


class RegressionRule(Part):
    """Compares R with the last release that passed."""

    tolerance: Literal["auto"] | Annotated[float, Field(ge=0, le=1)] = Field(
        "auto",
        description="`auto` fails when the whole paired 95 % interval lies above zero. A number is the largest "
        "accepted increase of R.",
    )
    severity: Severity = "fail"


class Freshness(Part):
    """How long a verdict counts."""

    days: Annotated[int, Field(ge=1, le=3650)] | None = Field(None, description="Days since the audit ended.")
    same_engine: bool = Field(
        False, description="Whether a verdict no longer counts once another engine has made one on this service."
    )
    severity: Severity = "fail"


class Policy(Part):
    """A policy, exhume.policy/1. Its versions are never edited."""

    schema_: Literal["exhume.policy/1"] = Field(POLICY_SCHEMA, alias="schema")
    budgets: Budgets = Budgets()
    evidence: EvidenceLevel = Field("verified", description="Lowest accepted evidence level.")
    fewest_identities: Annotated[int, Field(ge=1)] = 1
    attacks: tuple[Attack, ...] = Field((), description="Attacks that must have run, alone or with others.")
    inconclusive: Literal["fail", "warn", "pass"] = Field("fail", description="Outcome for an undecided budget.")
    regression: RegressionRule | None = None
    new_findings: Severity | None = Field(
        None, description="Outcome when an identity is named that no earlier release of the target named."
    )
    freshness: Freshness | None = None
    name_identities: bool = Field(False, description="Whether reports may name exposed identities.")
