"""How long the pictures of a project's audits are kept."""

from datetime import UTC, datetime, timedelta
from typing import Annotated
from uuid import UUID

from pydantic import Field
from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.auth import audit_log
from app.auth.authenticate import Caller
from app.auth.routing import Router, needs
from app.auth.scopes import Scope
from app.auth.subject import Subject
from app.db.models import Audit, Project
from app.db.transaction import Transaction
from app.kit.ids import ProjectId, public_id
from app.kit.problems import problems
from app.kit.schema import Body
from app.projects import repository as projects
from app.settings import settings

router = Router(tags=["projects"])


class Retention(Body):
    """Days after which the pictures of an audit are deleted."""

    days: Annotated[int, Field(ge=1, le=3650)] | None = Field(description="Null: the days of the service.")


@router.put(
    "/projects/{project_id}/retention",
    name="set_retention",
    responses=problems(401, 403, 404, 422),
    dependencies=[needs(Scope.DATA_DELETE)],
)
async def set_retention(project_id: ProjectId, body: Retention, session: Transaction, subject: Caller) -> Retention:
    """Set how long pictures are kept, those of earlier audits too."""
    return await change(session, subject, project_id, body)


async def change(session: AsyncSession, subject: Subject, project_id: UUID, body: Retention) -> Retention:
    """Change the days of a project, and the dates of pictures that were not deleted yet."""
    subject.require(Scope.DATA_DELETE)
    project = await projects.get(session, subject, project_id)
    project.retention_days = body.days
    days = timedelta(days=body.days or settings().retention_days)
    left = update(Audit).where(Audit.project_id == project.id, Audit.images_deleted_at.is_(None))
    await session.execute(left.values(delete_images_at=func.coalesce(Audit.finished_at, Audit.created_at) + days))
    await audit_log.write(
        session,
        subject,
        "project.retention_changed",
        public_id("prj", project.id),
        project_id=project.id,
        details={"days": body.days},
    )
    return body


async def deletion_time(session: AsyncSession, project_id: UUID) -> datetime:
    """Return when the pictures of an audit that begins now are deleted."""
    days = await session.scalar(select(Project.retention_days).where(Project.id == project_id))
    return datetime.now(UTC) + timedelta(days=days or settings().retention_days)
