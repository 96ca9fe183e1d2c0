"""Endpoints of the limits of a project."""

from app.auth.authenticate import Caller
from app.auth.routing import Router, needs_operator
from app.budgets import schemas, service
from app.db.transaction import Transaction
from app.kit.ids import ProjectId
from app.kit.problems import problems

router = Router(prefix="/projects/{project_id}/limits", tags=["limits"])


@router.get("", name="get", responses=problems(401, 404))
async def get_limits(project_id: ProjectId, session: Transaction, subject: Caller) -> schemas.ProjectLimits:
    """Return the limits of a project, and what it uses of them."""
    return await service.get(session, subject, project_id)


@router.put("", name="set", responses=problems(401, 403, 404, 409, 422), dependencies=[needs_operator()])
async def set_limits(
    project_id: ProjectId, body: schemas.LimitsUpdate, session: Transaction, subject: Caller
) -> schemas.ProjectLimits:
    """Replace the limits of a project. Only the operator can do this."""
    return await service.put(session, subject, project_id, body)
