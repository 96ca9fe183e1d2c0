"""The document of one identity: its reconstructions, and what they are similar to."""

from pydantic import Field

from app.audits.outcome_schemas import Identity, Score
from app.contract.likeness import AlikeImage, Neighbour
from app.kit.ids import ReconstructionId
from app.kit.schema import Document


class NamedNeighbour(Neighbour):
    """An identity of the gallery that the submission is similar to, with its name."""

    name: str | None = Field(description="Null for another person of the gallery.")


class Judgement(Score):
    """The score of one judge for the submission, and what that judge finds most similar to it.

    The lists are empty for the evaluator, and in audits of older versions.
    """

    neighbours: list[NamedNeighbour] = Field(description="At most 5 identities, the most similar first.")
    references: list[AlikeImage] = Field(
        description="At most 3 private images of the identity itself, the most similar first."
    )
    public: AlikeImage | None = Field(description="The most similar public image.")


class Candidate(Document):
    """One reconstruction of the identity, submitted or not."""

    id: ReconstructionId
    attack: int = Field(description="Index of the attack in the plan.")
    seed: int
    restart: int
    submitted: bool = Field(description="Whether its attack submits it.")
    target_score: float | None = Field(description="The score by which an attack chooses what it submits.")
    target_confidence: float | None
    target_top1: bool | None = Field(description="Whether the target assigns it to the identity.")
    recognised: bool | None = Field(
        description="Whether every verifier recognises it. Null if none judged it, as in audits of older versions."
    )
    image_available: bool
    film_steps: list[int] | None = Field(
        description="The step of each frame of the film of its search, from the left. Null if it has none. One"
        " reconstruction of each attack has a film."
    )
    scores: list[Score]


class IdentityInFull(Identity):
    """Everything about one identity of an audit."""

    previous: int | None = Field(description="Class index of the identity that is next more exposed.")
    next: int | None = Field(description="Class index of the identity that is next less exposed.")
    identities: int = Field(description="Identities of the audit.")
    place: int = Field(description="Place of this one in the order of exposure, from 1.")
    judgements: list[Judgement] = Field(description="Of the submission that counts, the verifiers first.")
    candidates: list[Candidate] = Field(description="By attack, seed and restart.")
