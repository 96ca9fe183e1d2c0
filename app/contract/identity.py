"""Everything that is held about one identity, as its export says it."""

from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from app.contract.decision import Part
from app.contract.likeness import Likeness

IDENTITY_SCHEMA: Literal["exhume.identity/1"] = "exhume.identity/1"


OF_OTHERS = ("nearest-public", "twin")
"""Sources of controls that show somebody else: a public image, and the stand-in in a twin."""


class NameInSet(Part):
    """An identity as a private data set names it."""

    dataset: str
    dataset_name: str
    name: str


class HeldImage(Part):
    """A private image."""

    dataset: str
    index: int = Field(description="Place in the data set.")
    file: str = Field(description="Its name in the archive.")


class HeldClass(Part):
    """A class of a release that is this identity."""

    release: str
    version: str
    digest: str | None = Field(description="Of the checkpoint.")
    index: int
    name: str


class HeldScore(Part):
    """The score that a judge gave to a reconstruction."""

    judge: str
    kind: str
    rank: int
    similarity: float | None
    threshold: float | None
    passed: bool
    likeness: Likeness = Field(default_factory=Likeness, description="Empty in exports of older versions.")


class HeldReconstruction(Part):
    """A picture that an attack or a control made of the identity."""

    id: str
    source: str
    attack: int
    seed: int
    restart: int
    submitted: bool
    digest: str = Field(description="SHA-256 of the pixels.")
    target_score: float | None
    target_confidence: float | None
    scores: list[HeldScore]
    file: str | None = Field(
        description="Its name in the archive. Null once the picture was deleted, and for a public image and a picture "
        "from a twin, which show somebody else."
    )
    film: str | None = Field(None, description="Name of the film of its search in the archive, if there is one.")
    film_steps: list[int] | None = Field(None, description="The step of each frame of the film, from the left.")


class HeldAudit(Part):
    """An audit that attacked the identity, or used its images."""

    audit: str
    release: str
    private_dataset: str | None
    state: str
    verdict: str | None
    created_at: datetime
    outcome: dict[str, Any] | None = Field(description="The outcome of the identity. Null before the score.")
    reconstructions: list[HeldReconstruction]


class HeldDecision(Part):
    """A decision that names the identity."""

    decision: str
    audit: str
    outcome: str
    at: datetime


class HeldWaiver(Part):
    """A waiver of the finding that names the identity."""

    waiver: str
    reason: str
    asked_by: str
    approved_by: str | None


class LogLine(Part):
    """An entry of the audit log about a picture of the identity, or about an earlier export."""

    at: datetime
    actor: str
    action: str
    subject: str
    purpose: str | None


class HeldIdentity(Part):
    """The document `identity.json` of an export, exhume.identity/1."""

    schema_: Literal["exhume.identity/1"] = Field(IDENTITY_SCHEMA, alias="schema")
    exported_at: datetime
    exported_by: str
    purpose: str
    names: list[NameInSet]
    images: list[HeldImage]
    classes: list[HeldClass]
    audits: list[HeldAudit]
    decisions: list[HeldDecision]
    waivers: list[HeldWaiver]
    log: list[LogLine]
    images_logged_since: datetime | None = Field(
        None,
        description="Earlier entries about private images are not listed: an older version erased another identity "
        "then, and did not record which places it took out. Null if all are listed.",
    )

    def document(self) -> dict[str, Any]:
        """Return the export as it is written."""
        return self.model_dump(mode="json", by_alias=True)
