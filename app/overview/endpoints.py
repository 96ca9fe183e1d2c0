"""The overview of a project."""

from app.auth.authenticate import Caller
from app.auth.routing import Router, needs
from app.auth.scopes import Scope
from app.db.transaction import Transaction
from app.kit.ids import ProjectId
from app.kit.problems import problems
from app.overview import schemas, service
from app.projects import repository as projects

router = Router(tags=["overview"])


@router.get(
    "/projects/{project_id}/overview",
    name="get",
    responses=problems(401, 403, 404),
    dependencies=[needs(Scope.AUDITS_READ)],
)
async def get_overview(project_id: ProjectId, session: Transaction, subject: Caller) -> schemas.Overview:
    """Return the newest releases of every target with their risk, and what needs a person."""
    await projects.get(session, subject, project_id)
    return await service.get(session, subject, project_id)
