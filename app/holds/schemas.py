"""Documents of legal holds."""

from typing import Annotated

from pydantic import Field, StringConstraints

from app.kit.cursor import Page
from app.kit.ids import HoldId, ProjectId
from app.kit.listing import Newest
from app.kit.schema import Body, Document, Timestamp

Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=500, pattern=r"^[^\x00]*$")]


class HoldCreate(Body):
    """A hold on one thing, or on the whole project."""

    subject: str = Field(
        pattern="^(prj|dst|rel|ver|aud)_[0-9a-f]{32}$",
        description="Id of the project, data set, release, verifier or audit that must not be deleted.",
    )
    reason: Reason = Field(description="Why it must be kept.")


class Hold(Document):
    """A legal hold."""

    id: HoldId
    project_id: ProjectId
    subject: str
    reason: str
    placed_by: str
    created_at: Timestamp
    released_by: str | None
    released_at: Timestamp | None = Field(description="Null while the hold is in force.")


class HoldQuery(Newest):
    """Parameters of a list of legal holds."""

    released: bool | None = Field(None, description="Only released holds, or only those in force.")
    subject: str | None = Field(None, max_length=60, description="The id of what is held.")


class HoldPage(Page[Hold]):
    """Legal holds, newest first."""
