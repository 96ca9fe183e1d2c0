"""Reading and setting the limits of a project."""

from dataclasses import asdict
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from app.auth import audit_log
from app.auth.subject import Subject
from app.budgets import schemas
from app.db.models import Job, ProjectLimit
from app.db.states import JobState
from app.jobs import budget
from app.jobs.stages import AUDIT_STAGES
from app.kit.ids import public_id
from app.projects import repository as projects
from app.uploads import quota


async def get(session: AsyncSession, subject: Subject, project_id: UUID) -> schemas.ProjectLimits:
    """Return the limits of a project and what it uses."""
    await projects.get(session, subject, project_id)
    return await session.run_sync(_document, project_id)


async def put(
    session: AsyncSession, subject: Subject, project_id: UUID, body: schemas.LimitsUpdate
) -> schemas.ProjectLimits:
    """Replace the limits of a project. Only the operator can do this."""
    await projects.get(session, subject, project_id)
    subject.require_operator()
    values = body.model_dump()
    row = await session.get(ProjectLimit, project_id)
    if row is None:
        session.add(ProjectLimit(project_id=project_id, updated_by=subject.name, **values))
    else:
        for name, value in values.items():
            setattr(row, name, value)
        row.updated_by = subject.name
    await session.flush()
    identifier = public_id("prj", project_id)
    await audit_log.write(session, subject, "project.limits_changed", identifier, project_id=project_id, details=values)
    return await session.run_sync(_document, project_id)


def _document(session: Session, project_id: UUID) -> schemas.ProjectLimits:
    audits = func.count().filter(Job.stage.in_(AUDIT_STAGES))
    running = select(audits, func.count()).where(Job.project_id == project_id, Job.state == JobState.RUNNING)
    stages, jobs = session.execute(running).one()
    own = session.get(ProjectLimit, project_id)
    return schemas.ProjectLimits(
        project_id=project_id,
        own=schemas.LimitsUpdate(**{name: getattr(own, name, None) for name in schemas.LimitsUpdate.model_fields}),
        limits=schemas.Limits(**asdict(budget.limits_of(session, project_id))),
        used=schemas.Used(
            running_jobs=stages,
            running_checks=jobs - stages,
            open_jobs=session.execute(budget.open_jobs(project_id)).scalar_one(),
            stored_bytes=quota.held_bytes(session, project_id),
            processor_seconds=session.execute(budget.processor_seconds(project_id)).scalar_one(),
            device_seconds=session.execute(budget.device_seconds(project_id)).scalar_one(),
        ),
        set_by=own.updated_by if own is not None else None,
    )
