"""Datasets."""

from fastapi import APIRouter, Request

from app.auth.authenticate import Caller
from app.datasets import content, schemas, service
from app.kit.cursor import Cursor, Limit
from app.kit.idempotency import OncePerKey
from app.kit.ids import DatasetId, ProjectId
from app.kit.problems import problems
from app.kit.transaction import Transaction
from app.kit.uploads import file_body
from app.projects import repository as projects
from app.storage.receive import ReprDigest, Sha256, expected_digest

router = APIRouter(tags=["datasets"])


@router.get("/projects/{project_id}/datasets", name="list", responses=problems(400, 401, 404, 422))
async def list_datasets(
    project_id: ProjectId, session: Transaction, subject: Caller, limit: Limit = 50, cursor: Cursor = None
) -> schemas.DatasetPage:
    """The datasets of a project, newest first."""
    await projects.get(session, subject, project_id)
    return await service.page(session, subject, project_id, limit=limit, cursor=cursor)


@router.post(
    "/projects/{project_id}/datasets", name="create", status_code=201, responses=problems(401, 403, 404, 409, 422)
)
async def create_dataset(
    project_id: ProjectId, body: schemas.DatasetCreate, session: Transaction, subject: Caller, once: OncePerKey
) -> schemas.Dataset:
    """Announce an image set; upload it next."""
    await projects.get(session, subject, project_id)
    return await once(lambda: service.create(session, subject, project_id, body))


@router.get("/datasets/{dataset_id}", name="get", responses=problems(401, 404))
async def get_dataset(dataset_id: DatasetId, session: Transaction, subject: Caller) -> schemas.Dataset:
    """One dataset."""
    return await service.get(session, subject, dataset_id)


@router.put(
    "/datasets/{dataset_id}/content",
    name="upload_content",
    status_code=202,
    responses=problems(400, 401, 403, 404, 409, 413, 422, 507),
    openapi_extra=file_body("A zip with a folder per identity, or an .npz with `images` and `labels`."),
)
async def upload_content(
    dataset_id: DatasetId, request: Request, subject: Caller, sha256: Sha256 = None, repr_digest: ReprDigest = None
) -> schemas.Dataset:
    """Send the file as the body. It is checked by a job: ask again until the state is `ready` or `refused`."""
    return await content.take_in(request, subject, dataset_id, expected_digest(sha256, repr_digest))
