"""Documents of priors."""

from typing import Annotated, Literal

from pydantic import Field

from app.kit.cursor import Page
from app.kit.ids import DatasetId, PriorId, ProjectId
from app.kit.listing import SORT, ListQuery
from app.kit.schema import Document, Json, Timestamp


class PublicSet(Document):
    """The public data set that a prior was made from."""

    id: DatasetId
    name: str


class Prior(Document):
    """A prior that an audit made and later audits reuse. It is made again when it is deleted."""

    id: PriorId
    project_id: ProjectId
    kind: str = Field(description="Kind of the generator, such as `pca` or `wgan-gp`.")
    covered: bool = Field(
        description="Its samples are shown like reconstructions, because it was trained with the answers of a release."
    )
    recipe: Json
    key: str = Field(description="Digest of the images, the recipe and the version of the code that makes it.")
    sha256: str = Field(description="SHA-256 of the file.")
    size_bytes: int
    images: int | None = Field(description="Public images that it was made from.")
    public_datasets: list[PublicSet] = Field(
        description="The public data sets of its audits. Several have the same images. Empty in older rows."
    )
    audit_count: int = Field(description="Audits that used it.")
    created_at: Timestamp


class PriorQuery(ListQuery):
    """Parameters of a list of priors."""

    sort: Annotated[Literal["-created_at", "created_at", "-size", "size"], Field(description=SORT)] = "-created_at"


class PriorPage(Page[Prior]):
    """Priors, newest first."""
