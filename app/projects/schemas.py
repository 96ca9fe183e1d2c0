"""Documents of projects."""

from pydantic import Field

from app.kit.cursor import Page
from app.kit.ids import ProjectId
from app.kit.schema import Body, Document, Name, Timestamp


class ProjectCreate(Body):
    """A new project."""

    name: Name


class Project(Document):
    """A project."""

    id: ProjectId
    name: str
    public_badges: bool = Field(description="Whether badges of its targets can be read without an API key.")
    created_at: Timestamp


class ProjectPage(Page[Project]):
    """Projects, newest first."""
