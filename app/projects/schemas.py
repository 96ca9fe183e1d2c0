"""Documents of projects."""

from pydantic import Field

from app.kit.cursor import Page
from app.kit.ids import OrganisationId, ProjectId
from app.kit.listing import Named
from app.kit.schema import Body, Document, Name, Timestamp


class ProjectCreate(Body):
    """A new project."""

    name: Name
    organisation_id: OrganisationId | None = Field(
        None, description="Default: the caller's organisation, and for the operator the organisation `default`."
    )


class Project(Document):
    """A project."""

    id: ProjectId
    organisation_id: OrganisationId
    name: str
    public_badges: bool = Field(description="Whether badges of its targets can be read without an API key.")
    retention_days: int | None = Field(
        description="Days after which pictures are deleted; null for the days of the service."
    )
    created_at: Timestamp


class ProjectQuery(Named):
    """Parameters of a list of projects."""


class KeyReplaced(Document):
    """The key of a project was replaced."""

    keys: int = Field(description="Keys of stored objects that the new key wraps.")


class ProjectPage(Page[Project]):
    """Projects, newest first."""
