"""Creating and listing projects."""

from uuid import UUID

import anyio.to_thread
from sqlalchemy.ext.asyncio import AsyncSession

from app.auth import audit_log
from app.auth.bootstrap import default_organisation
from app.auth.scopes import Scope
from app.auth.subject import Subject
from app.db.contention import limit_wait
from app.db.models import Project
from app.db.session import sync_session
from app.errors import ConflictError
from app.kit.ids import public_id
from app.kit.listing import Listing, listed, text_of
from app.kit.unique import unique_violation
from app.organisations import repository as organisations
from app.projects import repository, schemas
from app.vault.keys import replace_project_key

LISTING = Listing(
    Project.id,
    sorts={"created_at": Project.created_at, "name": Project.name},
    search=text_of(Project.name),
    prefix="prj",
)


async def create(session: AsyncSession, subject: Subject, body: schemas.ProjectCreate) -> schemas.Project:
    """Create a project in the named organisation, that of the subject, or `default`."""
    subject.require(Scope.PROJECTS_WRITE)
    subject.require_all_projects()
    project = Project(organisation_id=await _organisation(session, subject, body), name=body.name)
    async with unique_violation(session, ConflictError("name_taken", f"A project named {body.name!r} already exists.")):
        session.add(project)
        await session.flush()
    await session.refresh(project)
    identifier = public_id("prj", project.id)
    details = {"name": project.name}
    await audit_log.write(session, subject, "project.created", identifier, project_id=project.id, details=details)
    return schemas.Project.model_validate(project)


async def replace_encryption_key(subject: Subject, project_id: UUID) -> schemas.KeyReplaced:
    """Replace the key that wraps the keys of a project's objects, of which there may be many."""
    subject.require_operator()

    def replace() -> int:
        with sync_session() as session:
            limit_wait(session)
            count = replace_project_key(session, project_id)
            identifier, details = public_id("prj", project_id), {"keys": count}
            audit_log.write_now(
                session, subject, "project.key_replaced", identifier, project_id=project_id, details=details
            )
            return count

    return schemas.KeyReplaced(keys=await anyio.to_thread.run_sync(replace))


async def _organisation(session: AsyncSession, subject: Subject, body: schemas.ProjectCreate) -> UUID:
    if body.organisation_id is not None:
        return (await organisations.get(session, subject, body.organisation_id)).id
    if subject.organisation_id is not None:
        return subject.organisation_id
    return await session.run_sync(default_organisation)


async def page(session: AsyncSession, subject: Subject, asked: schemas.ProjectQuery) -> schemas.ProjectPage:
    """List the projects that the subject may see, newest first."""
    statement = repository.readable(subject)
    rows, following = await listed(session, statement, LISTING, asked)
    return schemas.ProjectPage(items=[schemas.Project.model_validate(row[0]) for row in rows], next_cursor=following)
