"""Priors that are kept for later audits."""

from typing import Annotated

from fastapi import Query

from app.auth.authenticate import Caller
from app.auth.routing import Router
from app.db.transaction import Transaction
from app.kit.ids import PriorId, ProjectId
from app.kit.problems import problems
from app.priors import schemas, service
from app.projects import repository as projects

router = Router(tags=["priors"])


@router.get("/projects/{project_id}/priors", name="list", responses=problems(400, 401, 403, 404, 422))
async def list_priors(
    project_id: ProjectId, session: Transaction, subject: Caller, asked: Annotated[schemas.PriorQuery, Query()]
) -> schemas.PriorPage:
    """List the priors that audits of a project made, newest first by default.

    Shipped priors are not among them.
    """
    await projects.get(session, subject, project_id)
    return await service.page(session, subject, project_id, asked)


@router.get("/priors/{prior_id}", name="get", responses=problems(401, 403, 404))
async def get_prior(prior_id: PriorId, session: Transaction, subject: Caller) -> schemas.Prior:
    """Get a prior."""
    return await service.get(session, subject, prior_id)
