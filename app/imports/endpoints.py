"""Endpoints of imports: the service fetches a file from an address that the operator permits."""

from fastapi import APIRouter

from app.auth.authenticate import Caller
from app.auth.idempotency import OncePerKey
from app.db.transaction import Transaction
from app.imports import schemas, service
from app.kit.ids import DatasetId, ReleaseId
from app.kit.problems import problems
from app.uploads.schemas import Upload

router = APIRouter(tags=["imports"])


@router.post(
    "/releases/{release_id}/imports",
    name="create_for_release",
    status_code=201,
    responses=problems(401, 403, 404, 409, 413, 422, 429),
)
async def create_for_release(
    release_id: ReleaseId, body: schemas.ImportCreate, session: Transaction, subject: Caller, once: OncePerKey
) -> Upload:
    """Fetch the checkpoint, a safetensors file, from an address.

    A worker downloads it; follow its progress at `/uploads/{id}`.
    """
    return await once(lambda: service.create_for_release(session, subject, release_id, body))


@router.post(
    "/datasets/{dataset_id}/imports",
    name="create_for_dataset",
    status_code=201,
    responses=problems(401, 403, 404, 409, 413, 422, 429),
)
async def create_for_dataset(
    dataset_id: DatasetId, body: schemas.ImportCreate, session: Transaction, subject: Caller, once: OncePerKey
) -> Upload:
    """Fetch the images, a ZIP or .npz archive, from an address.

    A worker downloads it; follow its progress at `/uploads/{id}`.
    """
    return await once(lambda: service.create_for_dataset(session, subject, dataset_id, body))
