"""Documents of uploads."""

from pydantic import Field

from app.db.states import UploadState
from app.kit.cursor import Page
from app.kit.ids import DatasetId, ProjectId, ReleaseId, UploadId, VerifierId
from app.kit.listing import Newest
from app.kit.problems import Problem
from app.kit.schema import Document, Timestamp


class Upload(Document):
    """A file that is sent in pieces by tus, or fetched from an `address`."""

    id: UploadId
    project_id: ProjectId
    release_id: ReleaseId | None = Field(description="The release that the file is for.")
    dataset_id: DatasetId | None = Field(description="The data set that the file is for.")
    verifier_id: VerifierId | None = Field(description="The verifier that the file is for.")
    address: str | None = Field(
        description="The address that the service fetches it from. Null when a client sends it."
    )
    state: UploadState
    problem: Problem | None = Field(description="Why it was rejected (RFC 9457).")
    filename: str | None
    sha256: str | None = Field(description="The announced digest.")
    length: int = Field(
        description="Bytes of the whole file. 0 until the server that it is fetched from reports its size."
    )
    received: int = Field(description="Bytes that are safe. Continue there.")
    expires_at: Timestamp = Field(description="When it is deleted unless more bytes arrive.")
    created_at: Timestamp


class UploadQuery(Newest):
    """Parameters of a list of uploads."""

    state: UploadState | None = Field(None, description="Only uploads in this state.")


class UploadPage(Page[Upload]):
    """Uploads, newest first."""
