"""What one verifier finds most similar to a submission. Verify stores it with the score."""

from pydantic import Field

from app.contract.result.base import Part


class Neighbour(Part):
    """An identity of the gallery that a submission is similar to."""

    identity: int | None = Field(description="Class index. Null for another person of the gallery.")
    similarity: float


class AlikeImage(Part):
    """An image of a data set that a submission is similar to."""

    index: int = Field(description="Index into the data set.")
    similarity: float


class Likeness(Part):
    """The most similar identities and images, the most similar first.

    Names are not stored here, so that the erasure of an identity has nothing to change.
    """

    neighbours: list[Neighbour] = Field(default_factory=list, description="At most 5 identities of the gallery.")
    references: list[AlikeImage] = Field(
        default_factory=list, description="At most 3 private images of the identity itself."
    )
    public: AlikeImage | None = Field(
        None, description="The public image. Null if the verifier has not embedded the public images."
    )
