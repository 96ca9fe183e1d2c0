"""Documents of data sets."""

from typing import Annotated, Literal

from pydantic import Field

from app.db.models import DatasetRole
from app.db.states import IntakeState
from app.kit.cursor import Page
from app.kit.ids import DatasetId, ProjectId
from app.kit.listing import SORT, ListQuery
from app.kit.origin import Origin
from app.kit.problems import Problem
from app.kit.schema import Body, Document, Name, Timestamp


class DatasetCreate(Body):
    """A data set whose file will be uploaded."""

    name: Name
    role: DatasetRole = Field(
        description="public: images that an attacker has; private: training images, never visible to an attack; "
        "gallery: people outside the training set."
    )


class DatasetSummary(Document):
    """A data set, without the names of its identities."""

    id: DatasetId
    project_id: ProjectId
    name: str
    role: DatasetRole
    state: IntakeState
    problem: Problem | None = Field(description="Why it was rejected (RFC 9457).")
    sha256: str | None
    size_bytes: int | None
    images_digest: str | None = Field(description="Digest of the pixels, independent of the file format.")
    digest: str | None = Field(
        description="Digest of pixels, labels, split and names; null for an older set until it is opened."
    )
    notes: list[str] | None = Field(
        description="What was changed or left out, one sentence each; null until the set is checked."
    )
    images: int | None
    height: int | None
    width: int | None
    channels: int | None
    identity_count: int | None = Field(
        description="Null for a set without names, such as a public set in one folder, and if it is not ready."
    )
    origin: Origin | None = Field(description="Null before the file arrives, and for files of older versions.")
    created_at: Timestamp


class Dataset(DatasetSummary):
    """A data set."""

    identities: list[str] | None = Field(
        description="Names, by label. The folder's name for a public set in one folder."
    )


class DatasetQuery(ListQuery):
    """Parameters of a list of data sets."""

    sort: Annotated[
        Literal["-created_at", "created_at", "name", "-name", "-images", "images"], Field(description=SORT)
    ] = "-created_at"
    role: DatasetRole | None = Field(None, description="Only data sets with this role.")
    state: list[IntakeState] = Field([], description="Only data sets in one of these states.")


class DatasetPage(Page[DatasetSummary]):
    """Data sets, newest first."""
