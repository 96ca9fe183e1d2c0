"""Targets."""

from typing import Annotated

from fastapi import Query

from app.auth.authenticate import Caller
from app.auth.idempotency import OncePerKey
from app.auth.routing import Router, needs
from app.auth.scopes import Scope
from app.db.transaction import Transaction
from app.kit.ids import ProjectId, TargetId
from app.kit.problems import problems
from app.projects import repository as projects
from app.targets import repository, schemas, service

router = Router(tags=["targets"])


@router.get("/projects/{project_id}/targets", name="list", responses=problems(400, 401, 404, 422))
async def list_targets(
    project_id: ProjectId, session: Transaction, subject: Caller, asked: Annotated[schemas.TargetQuery, Query()]
) -> schemas.TargetPage:
    """List the targets of a project, newest first by default."""
    await projects.get(session, subject, project_id)
    return await service.page(session, subject, project_id, asked)


@router.post(
    "/projects/{project_id}/targets",
    name="create",
    status_code=201,
    responses=problems(401, 403, 404, 409, 422),
    dependencies=[needs(Scope.TARGETS_WRITE)],
)
async def create_target(
    project_id: ProjectId, body: schemas.TargetCreate, session: Transaction, subject: Caller, once: OncePerKey
) -> schemas.Target:
    """Create a target."""
    await projects.get(session, subject, project_id)
    return await once(lambda: service.create(session, subject, project_id, body))


@router.get("/targets/{target_id}", name="get", responses=problems(401, 404))
async def get_target(target_id: TargetId, session: Transaction, subject: Caller) -> schemas.Target:
    """Get a target."""
    return schemas.Target.model_validate(await repository.get(session, subject, target_id))
