"""Endpoints of imports: the service fetches a file from an address that the operator permits."""

from app.auth.authenticate import Caller
from app.auth.idempotency import OncePerKey
from app.auth.routing import Router, needs
from app.auth.scopes import Scope
from app.db.transaction import Transaction
from app.imports import schemas, service
from app.kit.ids import DatasetId, ReleaseId, VerifierId
from app.kit.problems import problems
from app.uploads.owners import DATASET, RELEASE, VERIFIER
from app.uploads.schemas import Upload

router = Router(tags=["imports"])
PROBLEMS = problems(401, 403, 404, 409, 413, 422, 429)


@router.post(
    "/releases/{release_id}/imports",
    name="create_for_release",
    status_code=201,
    responses=PROBLEMS,
    dependencies=[needs(Scope.TARGETS_WRITE)],
)
async def create_for_release(
    release_id: ReleaseId, body: schemas.ImportCreate, session: Transaction, subject: Caller, once: OncePerKey
) -> Upload:
    """Fetch the checkpoint, a safetensors file, from an address.

    A worker downloads it; follow its progress at `/uploads/{id}`.
    """
    return await once(lambda: service.create(session, subject, RELEASE, release_id, body))


@router.post(
    "/datasets/{dataset_id}/imports",
    name="create_for_dataset",
    status_code=201,
    responses=PROBLEMS,
    dependencies=[needs(Scope.DATASETS_WRITE)],
)
async def create_for_dataset(
    dataset_id: DatasetId, body: schemas.ImportCreate, session: Transaction, subject: Caller, once: OncePerKey
) -> Upload:
    """Fetch the images, a ZIP or .npz archive, from an address.

    A worker downloads it; follow its progress at `/uploads/{id}`.
    """
    return await once(lambda: service.create(session, subject, DATASET, dataset_id, body))


@router.post(
    "/verifiers/{verifier_id}/imports",
    name="create_for_verifier",
    status_code=201,
    responses=PROBLEMS,
    dependencies=[needs(Scope.DATASETS_WRITE)],
)
async def create_for_verifier(
    verifier_id: VerifierId, body: schemas.ImportCreate, session: Transaction, subject: Caller, once: OncePerKey
) -> Upload:
    """Fetch the model, an ONNX file, from an address.

    A worker downloads it; follow its progress at `/uploads/{id}`.
    """
    return await once(lambda: service.create(session, subject, VERIFIER, verifier_id, body))
