"""Documents of blind line-ups and reviews."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field, StringConstraints

from app.audits.reveal import LONGEST_PURPOSE, SHORTEST_PURPOSE
from app.kit.cursor import Page
from app.kit.ids import AuditId, BlindLineUpId
from app.kit.schema import Body, Document, Timestamp

Purpose = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, min_length=SHORTEST_PURPOSE, max_length=LONGEST_PURPOSE, pattern=r"^[^\x00]*$"
    ),
]
Png = Annotated[str, Field(description="A PNG as a `data:` address. All have the same size and no name.")]


class BlindLineUpCreate(Body):
    """A blind line-up of the reconstructions of an audit."""

    candidates: int = Field(6, ge=2, le=9, description="Candidates of each item.")
    identities: int = Field(
        40,
        ge=3,
        le=500,
        description="Largest number of identities whose reconstructions are shown. If there are more, they are drawn "
        "at random.",
    )


class LineUpReviewState(StrEnum):
    """How far the caller's own review is."""

    NOT_BEGUN = "not_begun"
    BEGUN = "begun"
    FINISHED = "finished"
    RESULTS_READ = "results_read"  # no review can begin any more
    NOT_POSSIBLE = "not_possible"  # for machines, and without the scope


class LineUpReview(Document):
    """A person who reviews a blind line-up, without the answers."""

    name: str
    answered: int
    begun_at: Timestamp
    finished_at: Timestamp | None


class BlindLineUp(Document):
    """A blind line-up with the progress of its reviews."""

    id: BlindLineUpId
    audit_id: AuditId
    candidates: int
    items: int
    digest: str = Field(description="Covers the items with their answers and the seed that chose them.")
    created_by: str
    created_at: Timestamp
    pictures_deleted: bool = Field(description="The pictures are gone, so no review can go on. Answers stay.")
    reviews: list[LineUpReview]
    your_review: LineUpReviewState


class BlindLineUpPage(Page[BlindLineUp]):
    """Blind line-ups of an audit, newest first."""


class LineUpReviewCreate(Body):
    """The start of a review."""

    purpose: Purpose = Field(
        description="What the pictures are looked at for. The audit log keeps it with every item shown."
    )


class LineUpItem(Document):
    """One item: a picture and the candidates among whom its person may be."""

    number: int = Field(description="Names the item in the answer.")
    picture: Png
    candidates: list[Png] = Field(description="Candidate 1 first.")


class LineUpProgress(Document):
    """How far the caller's review is."""

    answered: int
    items: int
    finished: bool


class LineUpNext(LineUpProgress):
    """The next item of the caller's review."""

    item: LineUpItem | None = Field(description="Null at the end of the review.")


class LineUpAnswer(Body):
    """A final answer to the item that is shown."""

    number: int = Field(ge=1)
    choice: int = Field(ge=0, le=9, description="Number of the candidate. 0: none of these.")
    sure: bool = True
