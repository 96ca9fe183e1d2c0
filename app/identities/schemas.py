"""Documents about one identity: its names, what is held about it, and its erasure."""

from typing import Annotated

from pydantic import Field, StringConstraints

from app.holds.schemas import Reason
from app.kit.ids import DatasetId, ReleaseId
from app.kit.schema import Body, Document

MOST_NAMES = 50
IdentityText = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00]*$")]


class IdentityName(Body):
    """An identity as a private data set names it."""

    dataset_id: DatasetId
    name: IdentityText


class IdentityNames(Body):
    """One identity. A person in several private data sets, or under several names, has several."""

    names: list[IdentityName] = Field(min_length=1, max_length=MOST_NAMES)


class IdentityExport(IdentityNames):
    """A request for everything that is held about an identity."""

    purpose: Reason = Field(description="What it is needed for. The audit log keeps it.")


class IdentityErasure(IdentityNames):
    """A request to erase an identity."""

    reason: Reason = Field(
        description="Why it is erased. The receipt and the audit log keep it, so it must not name the identity."
    )
    confirm: str | None = Field(
        None, max_length=80, description="`confirmation` of a preview: erase this and nothing else."
    )


class ImagesInSet(Document):
    """The images of the identity in a private data set."""

    dataset_id: DatasetId
    name: str
    images: int


class ClassOfRelease(Document):
    """A class of a release that is the identity."""

    release_id: ReleaseId
    version: str
    index: int


class IdentityPreview(Document):
    """What is held about an identity, and what its erasure would destroy and keep."""

    sets: list[ImagesInSet]
    classes: list[ClassOfRelease]
    audits: list[str] = Field(description="Audits that attacked the identity or used its images.")
    images: int = Field(description="Private images.")
    pictures: int = Field(description="Reconstructions and controls that are left.")
    artifacts: int = Field(description="Files that stages made from these data sets, such as evaluators.")
    keeps: list[str]
    rewrites: list[str] = Field(
        description="Waivers and legal holds that name it. Their text gets a pseudonym in place of the name."
    )
    also_named_in: list[str] = Field(description="Other data sets of the project that have this name. They stay.")
    running_audits: list[str] = Field(description="Audits that have not ended. Cancel them first.")
    holds: list[str] = Field(description="Legal holds. Release them first.")
    left_empty: list[DatasetId] = Field(
        description="Data sets in which nobody else would be left. Delete them instead."
    )
    possible: bool
    confirmation: str = Field(
        description="Send it as `confirm`. The erasure is rejected if it would destroy something else by then."
    )
