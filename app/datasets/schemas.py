"""Documents of datasets."""

from pydantic import Field

from app.db.models import DatasetRole
from app.db.states import IntakeState
from app.kit.cursor import Page
from app.kit.ids import DatasetId, ProjectId
from app.kit.schema import Body, Document, Json, Name, Timestamp


class DatasetCreate(Body):
    """An image set that will be uploaded."""

    name: Name
    role: DatasetRole = Field(
        description="public: what an attacker has; private: the training images, which no stage that attacks sees; "
        "gallery: people who were not trained on."
    )


class DatasetSummary(Document):
    """An image set, without the names in it."""

    id: DatasetId
    project_id: ProjectId
    name: str
    role: DatasetRole
    state: IntakeState
    problem: Json | None = Field(description="Why it was refused (RFC 9457).")
    sha256: str | None
    size_bytes: int | None
    images_digest: str | None = Field(description="Digest of the pixels, whatever file they came in.")
    digest: str | None = Field(
        description="Digest of pixels, labels, split and names; null for an older set until it is opened."
    )
    notes: list[str] | None = Field(
        description="What was changed or left out on the way in, a sentence each; null until the set was checked."
    )
    images: int | None
    height: int | None
    width: int | None
    channels: int | None
    identity_count: int | None
    created_at: Timestamp


class Dataset(DatasetSummary):
    """An image set."""

    identities: list[str] | None = Field(description="Names, by label.")


class DatasetPage(Page[DatasetSummary]):
    """Datasets, newest first."""
