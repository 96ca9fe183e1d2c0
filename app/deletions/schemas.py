"""Documents of deletions."""

from pydantic import Field

from app.kit.cursor import Page
from app.kit.ids import ProjectId, ReceiptId
from app.kit.listing import Newest
from app.kit.schema import Document, Timestamp


class Contents(Document):
    """Everything that a deletion destroys."""

    objects: list[str] = Field(description="Keys of the object store; a slash at the end stands for all below it.")
    artifacts: int = Field(description="Files that stages made from it, such as evaluators and priors.")
    unfinished_uploads: int
    pictures: int = Field(description="Reconstructions and controls.")
    pictures_of: list[str] = Field(description="The audits whose pictures these are.")
    images: int = Field(0, description="Private images of an erased identity. Other deletions count objects.")


class DeletionPreview(Document):
    """What a deletion would destroy, what it would keep, and what stands in its way."""

    subject: str
    kind: str
    name: str
    destroys: Contents
    keeps: list[str]
    running_audits: list[str] = Field(description="Audits that have not ended. Cancel them first.")
    holds: list[str] = Field(description="Legal holds. Release them first.")
    possible: bool
    confirmation: str = Field(
        description="Send it as `confirm`. The deletion is rejected if it would destroy something else by then."
    )


class ChangedSet(Document):
    """A private data set that the images of an erased identity were taken out of."""

    dataset: str
    images: int = Field(description="Images that were taken out.")
    digest_before: str | None = Field(description="Audits before the erasure name it.")
    digest_after: str | None


class Destroyed(Document):
    """The content of a receipt."""

    subject: str
    kind: str
    name: str
    digest: str | None = Field(description="Digest of the deleted file or images.")
    destroyed: Contents
    keys_destroyed: int
    kept: list[str]
    sets: list[ChangedSet] = Field([], description="Data sets that stay without an erased identity.")
    reason: str
    deleted_by: str
    deleted_at: Timestamp


class Receipt(Document):
    """What a deletion destroyed."""

    id: ReceiptId
    project_id: ProjectId
    kind: str
    subject: str
    document: Destroyed
    removed_at: Timestamp | None = Field(description="When the last object was removed from the store.")
    created_at: Timestamp


class ReceiptQuery(Newest):
    """Parameters of a list of receipts."""

    kind: str | None = Field(None, max_length=20, description="Kind of what was deleted, such as `release`.")
    subject: str | None = Field(None, max_length=60, description="The id of what was deleted.")


class ReceiptPage(Page[Receipt]):
    """Receipts, newest first."""
