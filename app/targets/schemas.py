"""Documents of targets."""

from typing import Annotated

from pydantic import Field

from app.db.states import IntakeState
from app.kit.cursor import Page
from app.kit.ids import ProjectId, ReleaseId, TargetId
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


class NewestRelease(Document):
    """The newest release of a target. Twins do not count."""

    id: ReleaseId
    version: str
    state: IntakeState
    created_at: Timestamp


class ListedTarget(Target):
    """A model line, with how many releases it has and the newest one."""

    release_count: int = Field(description="Number of its releases. Twins do not count.")
    newest_release: NewestRelease | None


class TargetPage(Page[ListedTarget]):
    """Targets, newest first."""
