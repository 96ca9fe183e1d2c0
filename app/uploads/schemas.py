"""Documents of uploads."""

from pydantic import BaseModel, Field

from app.db.models import UploadState
from app.kit.cursor import Cursor, Limit, Page
from app.kit.ids import DatasetId, ProjectId, ReleaseId, UploadId
from app.kit.schema import Document, Json, Timestamp


class Upload(Document):
    """A file on its way in, in pieces; its address for tus is `/api/v1/uploads/{id}`."""

    id: UploadId
    project_id: ProjectId
    release_id: ReleaseId | None = Field(description="The release whose checkpoint it is.")
    dataset_id: DatasetId | None = Field(description="The dataset whose images it holds.")
    state: UploadState
    problem: Json | None = Field(description="Why it was refused (RFC 9457).")
    filename: str | None
    sha256: str | None = Field(description="As announced.")
    length: int = Field(description="Bytes of the whole file.")
    received: int = Field(description="Bytes that are safe: where to go on.")
    expires_at: Timestamp = Field(description="When it is deleted unless more arrives.")
    created_at: Timestamp


class UploadQuery(BaseModel):
    """Which uploads to list."""

    state: UploadState | None = Field(None, description="Only uploads in this state.")
    limit: Limit = 50
    cursor: Cursor = None


class UploadPage(Page[Upload]):
    """Uploads, newest first."""
