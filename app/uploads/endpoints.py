"""Endpoints of resumable uploads, by tus 1.0.0.

An upload begins at `/releases|datasets|verifiers/{id}/uploads` and continues at `/uploads/{id}`.
"""

from typing import Annotated, Any

from fastapi import Depends, Query, Request, Response

from app.auth.authenticate import Caller
from app.auth.routing import Router, needs
from app.auth.scopes import Scope
from app.db.models import Upload
from app.db.transaction import Transaction
from app.errors import BadRequestError, NotFoundError
from app.kit.ids import DatasetId, ProjectId, ReleaseId, UploadId, VerifierId, public_id
from app.kit.problems import problems
from app.projects import repository as projects
from app.settings import settings
from app.uploads import protocol, receiving, schemas, service
from app.uploads.owners import DATASET, RELEASE, VERIFIER
from app.uploads.protocol import Checksum, UploadChecksum, UploadOffset

router = Router(tags=["uploads"])
TUS = [Depends(protocol.check_version)]

Announced = Annotated[service.Announced, Depends(service.announced)]
PIECE = {
    "requestBody": {
        "required": True,
        "description": "The bytes of the file from `Upload-Offset` on, or a part of them.",
        "content": {protocol.MEDIA_TYPE: {"schema": {"type": "string", "format": "binary"}}},
    }
}


def creation(scope: Scope) -> dict[str, Any]:
    """Return the options of an endpoint that begins an upload."""
    return {
        "status_code": 201,
        "dependencies": [*TUS, needs(scope)],
        "response_class": Response,
        "responses": problems(400, 401, 403, 404, 409, 412, 413, 422, 429, 507),
    }


@router.get("/projects/{project_id}/uploads", name="list", responses=problems(400, 401, 404, 422))
async def list_uploads(
    project_id: ProjectId, session: Transaction, subject: Caller, which: Annotated[schemas.UploadQuery, Query()]
) -> schemas.UploadPage:
    """List the resumable uploads and imports of a project, newest first.

    Those that have ended stay listed for a week.
    """
    await projects.get(session, subject, project_id)
    return await service.page(session, subject, Upload.project_id == project_id, which)


@router.options("/releases/{release_id}/uploads", name="options_of_release", status_code=204, include_in_schema=False)
@router.options("/datasets/{dataset_id}/uploads", name="options_of_dataset", status_code=204, include_in_schema=False)
@router.options(
    "/verifiers/{verifier_id}/uploads", name="options_of_verifier", status_code=204, include_in_schema=False
)
@router.options("/uploads/{upload_id}", name="options", status_code=204, include_in_schema=False)
async def capabilities() -> Response:
    """Return the tus capabilities of this server.

    `Tus-Max-Size` is the limit for checkpoints. The limit for data sets may be lower.
    """
    return Response(status_code=204, headers=protocol.capabilities(settings().max_checkpoint_bytes))


@router.post("/releases/{release_id}/uploads", name="create_for_release", **creation(Scope.TARGETS_WRITE))
async def create_for_release(
    release_id: ReleaseId, session: Transaction, subject: Caller, announced: Announced
) -> Response:
    """Begin a resumable upload of the release's file. Continue at `Location` with a tus client."""
    return _created(await service.create(session, subject, RELEASE, release_id, announced))


@router.post("/datasets/{dataset_id}/uploads", name="create_for_dataset", **creation(Scope.DATASETS_WRITE))
async def create_for_dataset(
    dataset_id: DatasetId, session: Transaction, subject: Caller, announced: Announced
) -> Response:
    """Begin a resumable upload of the data set's file.

    Continue at `Location` with a tus client.
    """
    return _created(await service.create(session, subject, DATASET, dataset_id, announced))


@router.post("/verifiers/{verifier_id}/uploads", name="create_for_verifier", **creation(Scope.DATASETS_WRITE))
async def create_for_verifier(
    verifier_id: VerifierId, session: Transaction, subject: Caller, announced: Announced
) -> Response:
    """Begin a resumable upload of the verifier's file.

    Continue at `Location` with a tus client.
    """
    return _created(await service.create(session, subject, VERIFIER, verifier_id, announced))


def _created(upload: Upload) -> Response:
    headers = {"Location": f"/api/v1/uploads/{public_id('upl', upload.id)}"} | protocol.progress(upload)
    return Response(status_code=201, headers=headers)


@router.get("/uploads/{upload_id}", name="get", responses=problems(401, 404))
async def get_upload(upload_id: UploadId, session: Transaction, subject: Caller) -> schemas.Upload:
    """Return an upload. A connection that writes to it is not ended."""
    return await service.get(session, subject, upload_id)


@router.head(
    "/uploads/{upload_id}",
    name="locate",
    dependencies=TUS,
    response_class=Response,
    responses=problems(401, 403, 404, 410, 412),
)
async def locate(upload_id: UploadId, subject: Caller) -> Response:
    """Return the `Upload-Offset` to continue from.

    A connection that still writes is ended first.
    """
    upload = await service.locate(subject, upload_id)
    headers = protocol.progress(upload) | {"Upload-Length": str(upload.length)}
    if upload.upload_metadata:
        headers["Upload-Metadata"] = upload.upload_metadata
    return Response(headers=headers)


@router.patch(
    "/uploads/{upload_id}",
    name="append",
    status_code=204,
    dependencies=[*TUS, Depends(protocol.check_media_type)],
    response_class=Response,
    responses=problems(400, 401, 403, 404, 408, 409, 410, 412, 413, 415, 422, 423, 503, 507),
    openapi_extra=PIECE,
)
async def append(
    upload_id: UploadId,
    request: Request,
    subject: Caller,
    upload_offset: UploadOffset = None,
    upload_checksum: UploadChecksum = None,
) -> Response:
    """Append the body at `Upload-Offset`.

    After the last byte, the file is compared with its digest and passed to intake. The status is
    460 if the piece does not match `Upload-Checksum`: the piece was dropped, so send it again.
    """
    if upload_offset is None:
        raise BadRequestError("upload_offset", "Send the position of the body in the file as Upload-Offset.")
    checksum = Checksum(upload_checksum) if upload_checksum is not None else None
    upload = await receiving.append(request, subject, upload_id, upload_offset, checksum)
    return Response(status_code=204, headers=protocol.progress(upload))


@router.delete(
    "/uploads/{upload_id}",
    name="terminate",
    status_code=204,
    dependencies=TUS,
    response_class=Response,
    responses=problems(401, 403, 404, 409, 410, 412),
)
async def terminate(upload_id: UploadId, subject: Caller) -> Response:
    """End an unfinished upload or import. The bytes received so far are deleted."""
    await service.terminate(subject, upload_id)
    return Response(status_code=204)


@router.post("/uploads/{upload_id}", name="override", include_in_schema=False, dependencies=TUS)
async def override(
    upload_id: UploadId,
    request: Request,
    subject: Caller,
    upload_offset: UploadOffset = None,
    upload_checksum: UploadChecksum = None,
) -> Response:
    """Apply `X-HTTP-Method-Override`, for clients behind a proxy that only passes GET and POST."""
    method = request.headers.get("x-http-method-override", "").upper()
    if method == "PATCH":
        protocol.check_media_type(request)
        return await append(upload_id, request, subject, upload_offset, upload_checksum)
    if method == "DELETE":
        return await terminate(upload_id, subject)
    if method == "HEAD":
        return await locate(upload_id, subject)
    raise NotFoundError("no_such_address", "POST here needs X-HTTP-Method-Override: PATCH, DELETE or HEAD.")
