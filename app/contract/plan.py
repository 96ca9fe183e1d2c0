"""The plan of an audit: what is attacked, how hard, and who judges it. Fixed and hashed before anything runs."""

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from app.contract.choices import Attack, Effort, PriorChoice, PriorKind, ReleasePlan, Setting
from app.contract.upgrades.plan import upgraded

PLAN_VERSION = 3


class Part(BaseModel):
    """Part of a plan. An unknown field is an error, because it would be left out of the attack."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class IdentitySample(Part):
    """How the identities were drawn: `count` of the `of` that could be audited."""

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
    """Digests of the image sets over images, labels, split and names. Null without a set, or without its digest."""

    public: str | None = None
    private: str | None = None
    gallery: str | None = None


class PlannedGallery(Part):
    """The gallery."""

    images: str | None = Field(description="Digest of its images.")


class StandIn(Part):
    """An identity whose training images were exchanged in a twin, and for whose."""

    identity: str
    stand_in: str


class PlannedTwin(Part):
    """The twin that the strictest control attacks."""

    release: str
    checkpoint: str = Field(description="SHA-256 of its checkpoint.")
    identities: list[int] = Field(description="Identities of the plan that it was trained without.")
    replaced: list[StandIn]


def _recipe(made: str) -> Any:
    """A field that is absent where nothing was chosen."""
    description = f"Training of {made}; absent for the default one, which every request to the API gets."
    return Field(None, exclude_if=lambda recipe: recipe is None, description=description)


class Plan(Part):
    """The plan of an audit. Same plan, same inputs, same result."""

    version: Literal[3]
    attack: Attack
    prior_kind: PriorKind
    setting: Setting
    prior: PriorChoice
    prior_key: str | None = Field(
        None,
        exclude_if=lambda key: key is None,
        description="Digest of the built-in prior. Absent for other priors, and in plans that name none.",
    )
    effort: Effort
    identities: list[int] = Field(description="Class indices under attack, ascending.")
    identity_sample: IdentitySample
    seed: int
    restarts: int = Field(description="Reconstructions of each identity.")
    steps: int
    shard_size: int = Field(description="Identities of an attack job.")
    students: int
    attack_options: dict[str, Any] = Field(description="What differs from the defaults of the attack.")
    budget: float
    release_plan: ReleasePlan | None
    confidence: float
    verifiers: list[PlannedVerifier] | None = Field(
        description="Null in plans that name none: those shipped for images of this size judge."
    )
    datasets: PlannedSets
    verifiers_chosen: bool = Field(
        False, description="Whether the request named the verifiers. Others must be shown to see."
    )
    gallery: PlannedGallery | None
    twin: PlannedTwin | None
    prior_recipe: dict[str, Any] | None = _recipe("the prior")
    student_recipe: dict[str, Any] | None = _recipe("the students")
    evaluator_options: dict[str, Any] | None = _recipe("the evaluator")

    @classmethod
    def load(cls, stored: Mapping[str, Any]) -> "Plan":
        """Read a stored plan of any version."""
        return cls.model_validate(upgraded(stored))

    def document(self) -> dict[str, Any]:
        """Return the plan as it is stored and hashed."""
        return self.model_dump(mode="json")
