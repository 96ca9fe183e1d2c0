"""Documents of targets."""

from typing import Annotated

from pydantic import Field

from app.kit.cursor import Page
from app.kit.ids import ProjectId, TargetId
from app.kit.listing import Named
from app.kit.schema import Body, Document, Name, Timestamp


class TargetCreate(Body):
    """A model line, such as "badge-reader"."""

    name: Name
    description: Annotated[str, Field(max_length=10_000)] = ""


class Target(Document):
    """A model line."""

    id: TargetId
    project_id: ProjectId
    name: str
    description: str
    created_at: Timestamp


class TargetQuery(Named):
    """Parameters of a list of targets."""


class TargetPage(Page[Target]):
    """Targets, newest first."""
