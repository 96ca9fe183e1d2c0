"""Creating and listing projects."""

from sqlalchemy.ext.asyncio import AsyncSession

from app.auth import audit_log
from app.auth.scopes import Scope
from app.auth.subject import Subject
from app.db.models import Project
from app.errors import ConflictError
from app.kit.cursor import Keyset, fetch_page
from app.kit.ids import public_id
from app.kit.unique import unique_violation
from app.projects import repository, schemas

NEWEST_FIRST = Keyset((Project.created_at.expression, Project.id.expression), descending=True)


async def create(session: AsyncSession, subject: Subject, body: schemas.ProjectCreate) -> schemas.Project:
    """Create a project. Only an administrator can do this."""
    subject.require(Scope.PROJECTS_WRITE)
    subject.require_administrator()
    project = Project(name=body.name)
    async with unique_violation(session, ConflictError("name_taken", f"A project named {body.name!r} already exists.")):
        session.add(project)
        await session.flush()
    await session.refresh(project)
    identifier = public_id("prj", project.id)
    details = {"name": project.name}
    await audit_log.write(session, subject, "project.created", identifier, project_id=project.id, details=details)
    return schemas.Project.model_validate(project)


async def page(session: AsyncSession, subject: Subject, *, limit: int, cursor: str | None) -> schemas.ProjectPage:
    """List the projects that the subject may see, newest first."""
    statement = repository.readable(subject)
    rows, following = await fetch_page(session, statement, NEWEST_FIRST, limit=limit, cursor=cursor)
    return schemas.ProjectPage(items=[schemas.Project.model_validate(row[0]) for row in rows], next_cursor=following)
