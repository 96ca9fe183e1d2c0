"""Endpoints of schedules and their runs."""

from typing import Annotated

from fastapi import Query

from app.auth.authenticate import Caller
from app.auth.idempotency import OncePerKey
from app.auth.routing import Router, needs
from app.auth.scopes import Scope
from app.db.transaction import Transaction
from app.kit.cursor import Cursor, Limit
from app.kit.ids import ProjectId, ScheduleId
from app.kit.problems import problems
from app.projects import repository as projects
from app.schedules import cron, repository, schemas, service

router = Router(tags=["schedules"])


@router.get("/projects/{project_id}/schedules", name="list", responses=problems(400, 401, 403, 404, 422))
async def list_schedules(
    project_id: ProjectId,
    session: Transaction,
    subject: Caller,
    asked: Annotated[schemas.ScheduleQuery, Query()],
) -> schemas.SchedulePage:
    """List the schedules of a project, newest first by default."""
    await projects.get(session, subject, project_id)
    return await service.page(session, subject, project_id, asked)


@router.post(
    "/projects/{project_id}/schedules",
    name="create",
    status_code=201,
    responses=problems(401, 403, 404, 409, 422),
    dependencies=[needs(Scope.AUDITS_WRITE)],
)
async def create_schedule(
    project_id: ProjectId, body: schemas.ScheduleCreate, session: Transaction, subject: Caller, once: OncePerKey
) -> schemas.Schedule:
    """Create a schedule.

    Its audits are started by the service, with the declaration of rights that the body contains.
    The audit log keeps the declaration.
    """
    await projects.get(session, subject, project_id)
    return await once(lambda: service.create(session, subject, project_id, body))


@router.post("/schedule-previews", name="preview_draft", responses=problems(401, 422))
async def preview_draft(body: schemas.PreviewRequest, subject: Caller) -> schemas.Preview:
    """Return the next five due times of a cron expression. Stores nothing."""
    return service.preview(body.cron, body.timezone)


@router.get("/schedules/{schedule_id}", name="get", responses=problems(401, 403, 404))
async def get_schedule(schedule_id: ScheduleId, session: Transaction, subject: Caller) -> schemas.Schedule:
    """Get a schedule."""
    return service.document(await repository.get(session, subject, schedule_id))


@router.patch(
    "/schedules/{schedule_id}",
    name="update",
    responses=problems(401, 403, 404, 409, 422),
    dependencies=[needs(Scope.AUDITS_WRITE)],
)
async def update_schedule(
    schedule_id: ScheduleId, body: schemas.ScheduleUpdate, session: Transaction, subject: Caller
) -> schemas.Schedule:
    """Change a schedule. Only the fields that are sent change."""
    return await service.update(session, subject, schedule_id, body)


@router.delete(
    "/schedules/{schedule_id}",
    name="delete",
    status_code=204,
    responses=problems(401, 403, 404),
    dependencies=[needs(Scope.AUDITS_WRITE)],
)
async def delete_schedule(schedule_id: ScheduleId, session: Transaction, subject: Caller) -> None:
    """Delete a schedule and the list of its runs. Its audits stay."""
    await service.delete(session, subject, schedule_id)


@router.post(
    "/schedules/{schedule_id}/pause",
    name="pause",
    responses=problems(401, 403, 404),
    dependencies=[needs(Scope.AUDITS_WRITE)],
)
async def pause_schedule(schedule_id: ScheduleId, session: Transaction, subject: Caller) -> schemas.Schedule:
    """Pause a schedule. Audits that are running continue."""
    return await service.set_active(session, subject, schedule_id, active=False)


@router.post(
    "/schedules/{schedule_id}/resume",
    name="resume",
    responses=problems(401, 403, 404, 422),
    dependencies=[needs(Scope.AUDITS_WRITE)],
)
async def resume_schedule(schedule_id: ScheduleId, session: Transaction, subject: Caller) -> schemas.Schedule:
    """Resume a schedule. Due times that passed during the pause start no run."""
    return await service.set_active(session, subject, schedule_id, active=True)


@router.get("/schedules/{schedule_id}/preview", name="preview", responses=problems(401, 403, 404, 422))
async def preview_schedule(schedule_id: ScheduleId, session: Transaction, subject: Caller) -> schemas.Preview:
    """Return the due times of the next five runs, in the schedule's time zone and in UTC.

    A run that jitter delays may start after its due time has passed.
    """
    found = await repository.get(session, subject, schedule_id)
    return service.preview(found.cron, found.timezone, cron.delay(found.id, found.jitter_seconds))


@router.get("/schedules/{schedule_id}/runs", name="runs", responses=problems(400, 401, 403, 404, 422))
async def list_runs(
    schedule_id: ScheduleId, session: Transaction, subject: Caller, limit: Limit = 50, cursor: Cursor = None
) -> schemas.ScheduleRunPage:
    """List the runs of a schedule, latest due time first."""
    return await service.runs(session, subject, schedule_id, limit=limit, cursor=cursor)


@router.post(
    "/schedules/{schedule_id}/runs",
    name="run",
    status_code=201,
    responses=problems(401, 403, 404, 409, 422),
    dependencies=[needs(Scope.AUDITS_WRITE)],
)
async def run_schedule(
    schedule_id: ScheduleId, session: Transaction, subject: Caller, once: OncePerKey
) -> schemas.ScheduleRun:
    """Run a schedule now, even if it is paused or nothing has changed.

    The scheduler starts the audit within seconds.
    """
    return await once(lambda: service.run_now(session, subject, schedule_id))
