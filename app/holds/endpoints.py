"""Legal holds."""

from typing import Annotated

from fastapi import Query

from app.auth.authenticate import Caller
from app.auth.idempotency import OncePerKey
from app.auth.routing import Router, needs
from app.auth.scopes import Scope
from app.db.transaction import Transaction
from app.holds import schemas, service
from app.kit.ids import HoldId, ProjectId
from app.kit.problems import problems
from app.projects import repository as projects

router = Router(tags=["holds"])

MAY = [needs(Scope.DATA_HOLD)]


@router.get("/projects/{project_id}/holds", name="list", responses=problems(400, 401, 403, 404, 422))
async def list_holds(
    project_id: ProjectId, session: Transaction, subject: Caller, asked: Annotated[schemas.HoldQuery, Query()]
) -> schemas.HoldPage:
    """List the legal holds of a project, newest first by default, released ones too."""
    await projects.get(session, subject, project_id)
    return await service.page(session, subject, project_id, asked)


@router.post(
    "/projects/{project_id}/holds",
    name="place",
    status_code=201,
    responses=problems(401, 403, 404, 409, 422),
    dependencies=[needs(Scope.DATA_HOLD)],
)
async def place_hold(
    project_id: ProjectId, body: schemas.HoldCreate, session: Transaction, subject: Caller, once: OncePerKey
) -> schemas.Hold:
    """Place a legal hold. Until it is released, nothing that it covers can be deleted."""
    await projects.get(session, subject, project_id)
    return await once(lambda: service.place(session, subject, project_id, body))


@router.post(
    "/holds/{hold_id}/release",
    name="release",
    responses=problems(401, 403, 404, 409),
    dependencies=[needs(Scope.DATA_HOLD)],
)
async def release_hold(hold_id: HoldId, session: Transaction, subject: Caller) -> schemas.Hold:
    """Release a legal hold."""
    return await service.release(session, subject, hold_id)
