"""The plan of an audit: what is attacked, how hard, and who judges it.

It is fixed and hashed before anything runs.
"""

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from app.contract.choices import Attack, Combination, Effort, PriorChoice, PriorKind, ReleasePlan, Setting
from app.contract.upgrades.plan import upgraded

PLAN_VERSION = 4
MOST_ATTACKS = 8


class Part(BaseModel):
    """Part of a plan. An unknown field is an error, because the attack would ignore it."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class IdentitySample(Part):
    """How the identities were drawn: `count` out of the `of` that could be audited."""

    count: int
    seed: int
    of: int


class PlannedVerifier(Part):
    """A verifier that judges."""

    name: str
    digest: str = Field(description="SHA-256 of its ONNX file.")
    source: Literal["bundled", "uploaded"]
    convention: dict[str, Any] = Field(description="Its input convention; empty for a bundled one.")


class PlannedSets(Part):
    """Digests of the data sets, over images, labels, split and names. Null if unknown."""

    public: str | None = None
    private: str | None = None
    gallery: str | None = None


class PlannedGallery(Part):
    """The gallery."""

    images: str | None = Field(description="Digest of its images.")


class StandIn(Part):
    """An identity whose training images were replaced in a twin, and the one that stands in."""

    identity: str
    stand_in: str


class PlannedTwin(Part):
    """The twin that the strictest control attacks."""

    release: str
    checkpoint: str = Field(description="SHA-256 of its checkpoint.")
    identities: list[int] = Field(description="Identities of the plan that it was trained without.")
    replaced: list[StandIn]


def _recipe(made: str) -> Any:
    """Return a field that is absent if nothing was chosen."""
    description = f"Training of {made}. Absent for the default, which every request to the API gets."
    return Field(None, exclude_if=lambda recipe: recipe is None, description=description)


class PlannedAttack(Part):
    """An attack, its prior and its effort."""

    name: Attack
    setting: Setting
    prior: PriorChoice
    prior_kind: PriorKind
    prior_key: str | None = Field(
        None,
        exclude_if=lambda key: key is None,
        description="Digest of the built-in prior. Absent for other priors and in plans that do not name one.",
    )
    steps: int
    restarts: int = Field(description="Reconstructions of each identity.")
    students: int
    attack_options: dict[str, Any] = Field(description="Options that differ from the attack's defaults.")
    shard_size: int = Field(description="Identities per attack job.")
    prior_recipe: dict[str, Any] | None = _recipe("the prior")


class Look(Part):
    """An early look: an audit whose verdict is certain after these identities ends with them."""

    identities: list[int] = Field(description="A random part of the plan's identities, attacked first, ascending.")
    alpha: float = Field(description="Error rate of each one-sided bound of R that must clear the budget.")


class Plan(Part):
    """The plan of an audit. The same plan and the same inputs give the same result."""

    version: Literal[4]
    attacks: list[PlannedAttack] = Field(min_length=1, max_length=MOST_ATTACKS, description="The attacks, in order.")
    combination: Combination = Field(
        "union",
        description="`union`: an identity counts as exposed if any attack succeeds. `strongest`: only the attack that "
        "exposes the most counts.",
    )
    effort: Effort
    identities: list[int] = Field(description="Class indices under attack, ascending.")
    identity_sample: IdentitySample
    seed: int
    budget: float
    release_plan: ReleasePlan | None
    confidence: float
    verifiers: list[PlannedVerifier] | None = Field(
        description="Null in plans that do not name any. The verifiers shipped for this image size judge then."
    )
    datasets: PlannedSets
    verifiers_chosen: bool = Field(
        False,
        description="Whether the request named the verifiers. If not, they must recognise the private images to judge.",
    )
    gallery: PlannedGallery | None
    twin: PlannedTwin | None
    look: Look | None = Field(
        None, exclude_if=lambda look: look is None, description="Absent if all identities are attacked in any case."
    )
    student_recipe: dict[str, Any] | None = _recipe("the students")
    evaluator_options: dict[str, Any] | None = _recipe("the evaluator")

    @classmethod
    def load(cls, stored: Mapping[str, Any]) -> "Plan":
        """Read a stored plan of any version."""
        return cls.model_validate(upgraded(stored))

    def document(self) -> dict[str, Any]:
        """Return the plan as it is stored and hashed."""
        return self.model_dump(mode="json")


class PlanSummary(BaseModel):
    """A plan as lists of audits show it: with the number of identities, not their indices."""

    model_config = ConfigDict(frozen=True)

    attacks: list[PlannedAttack]
    combination: Combination
    effort: Effort
    identity_count: int = Field(description="Number of classes under attack.")
    identity_sample: IdentitySample
    seed: int
    budget: float
    release_plan: ReleasePlan | None
    confidence: float
    verifiers: list[PlannedVerifier] | None
    verifiers_chosen: bool
    stop_early: bool = Field(description="Whether the audit may end after an early look.")

    @classmethod
    def of(cls, plan: Plan) -> "PlanSummary":
        """Return the summary of a plan."""
        same = {name: getattr(plan, name) for name in cls.model_fields.keys() & Plan.model_fields.keys()}
        return cls(**same, identity_count=len(plan.identities), stop_early=plan.look is not None)
