"""Data sets."""

from typing import Annotated

from fastapi import Query

from app.auth.authenticate import Caller
from app.auth.idempotency import OncePerKey
from app.auth.routing import Router, needs
from app.auth.scopes import Scope
from app.datasets import schemas, service
from app.db.transaction import Transaction
from app.kit.ids import DatasetId, ProjectId
from app.kit.problems import problems
from app.projects import repository as projects

router = Router(tags=["datasets"])


@router.get("/projects/{project_id}/datasets", name="list", responses=problems(400, 401, 404, 422))
async def list_datasets(
    project_id: ProjectId, session: Transaction, subject: Caller, asked: Annotated[schemas.DatasetQuery, Query()]
) -> schemas.DatasetPage:
    """List the data sets of a project, newest first by default."""
    await projects.get(session, subject, project_id)
    return await service.page(session, subject, project_id, asked)


@router.post(
    "/projects/{project_id}/datasets",
    name="create",
    status_code=201,
    responses=problems(401, 403, 404, 409, 422),
    dependencies=[needs(Scope.DATASETS_WRITE)],
)
async def create_dataset(
    project_id: ProjectId, body: schemas.DatasetCreate, session: Transaction, subject: Caller, once: OncePerKey
) -> schemas.Dataset:
    """Create a data set. Upload its file next."""
    await projects.get(session, subject, project_id)
    return await once(lambda: service.create(session, subject, project_id, body))


@router.get("/datasets/{dataset_id}", name="get", responses=problems(401, 404))
async def get_dataset(dataset_id: DatasetId, session: Transaction, subject: Caller) -> schemas.Dataset:
    """Get a data set."""
    return await service.get(session, subject, dataset_id)
