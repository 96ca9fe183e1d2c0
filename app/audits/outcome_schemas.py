"""Documents of identity outcomes, their scores, and reconstructions."""

from pydantic import Field

from app.kit.cursor import Page
from app.kit.ids import AuditId, ReconstructionId
from app.kit.schema import Document, Json, Timestamp


class Score(Document):
    """The score that one judge gives to one submitted reconstruction."""

    judge: str
    kind: str
    rank: int
    similarity: float | None
    threshold: float | None
    passed: bool
    nearest_reference: int | None


class Identity(Document):
    """The outcome of one identity."""

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
    similarity: float | None = Field(description="Under the verifier that decides, like the next three fields.")
    threshold: float | None
    margin: float | None = Field(description="Similarity minus threshold. It counts from 0 on, if the rank is 1.")
    rank: int | None
    strength: float | None = Field(
        description="Likeness in standard deviations, compared with images made for others. Null if not measured."
    )
    rank_exposed: int | None = Field(description="1 for the most exposed identity of the audit, by strength.")
    attack: int = Field(description="Index of the attack whose reconstruction is shown.")
    recognised_by: list[int] | None = Field(
        description="Indices of the attacks that every verifier recognises. Null if nothing was verified."
    )
    details: Json
    reconstruction_id: ReconstructionId | None
    control_reconstruction_id: ReconstructionId | None
    nearest_reference: int | None = Field(description="Index into the private data set.")
    scores: list[Score]


class IdentityPage(Page[Identity]):
    """Identities by class index, or with the most exposed first."""


class Reconstruction(Document):
    """One reconstruction, without its image."""

    id: ReconstructionId
    audit_id: AuditId
    source: str = Field(description="`attack`, or the name of a control.")
    attack: int = Field(description="Index in the plan of the attack, or of the attack that the control belongs to.")
    identity: int
    seed: int
    restart: int
    submitted: bool
    digest: str = Field(description="SHA-256 of the pixels.")
    target_score: float | None
    target_confidence: float | None
    details: Json
    image_available: bool = Field(
        description="False once the image was deleted, at the end of its retention or on request."
    )
    created_at: Timestamp


class ReconstructionPage(Page[Reconstruction]):
    """Reconstructions by identity, source, attack, seed and restart."""
