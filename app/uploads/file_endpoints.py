"""Endpoints that take the file of a release, a data set or a verifier in one request."""

from typing import Annotated, Any

from fastapi import Depends, Request

from app.auth.authenticate import Caller
from app.auth.routing import Router, needs
from app.auth.scopes import Scope
from app.datasets import service as datasets_service
from app.datasets.schemas import Dataset
from app.kit.ids import DatasetId, ReleaseId, VerifierId
from app.kit.problems import problems
from app.releases import service as releases_service
from app.releases.schemas import Release
from app.storage.receive import expected_digest
from app.uploads import reuse
from app.uploads.owners import DATASET, RELEASE, VERIFIER
from app.uploads.streaming import receive_file
from app.verifiers import service as verifiers_service
from app.verifiers.schemas import Verifier

releases = Router(tags=["releases"])
datasets = Router(tags=["datasets"])
verifiers = Router(tags=["verifiers"])
ExpectedDigest = Annotated[str | None, Depends(expected_digest)]


def receiving(description: str) -> dict[str, Any]:
    """Return the keyword arguments of an endpoint that takes a file."""
    body = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
    return {
        "name": "upload_file",
        "status_code": 202,
        "responses": problems(400, 401, 403, 404, 408, 409, 410, 413, 422, 503, 507),
        "openapi_extra": {"requestBody": {"required": True, "description": description, "content": body}},
    }


@releases.post(
    "/releases/{release_id}/reuse",
    name="reuse_checkpoint",
    status_code=202,
    responses=problems(401, 403, 404, 409, 410, 413, 422),
    dependencies=[needs(Scope.TARGETS_WRITE)],
)
async def reuse_checkpoint(release_id: ReleaseId, body: reuse.ReuseRequest, subject: Caller) -> Release:
    """Use a checkpoint that this project already holds, by its digest, instead of sending it."""
    return await reuse.reuse(subject, release_id, body.sha256)


@releases.put(
    "/releases/{release_id}/file",
    **receiving("A safetensors file, or a PyTorch state_dict (zip format), converted in a sandbox."),
    dependencies=[needs(Scope.TARGETS_WRITE)],
)
async def upload_release_file(
    release_id: ReleaseId, request: Request, subject: Caller, digest: ExpectedDigest
) -> Release:
    """Send the file as the body. A job checks it: poll until the state is `ready` or `refused`."""
    return await receive_file(request, subject, RELEASE, release_id, digest=digest, document=releases_service.get)


@datasets.put(
    "/datasets/{dataset_id}/file",
    **receiving("A zip with one folder per identity, or an .npz with `images` and `labels`."),
    dependencies=[needs(Scope.DATASETS_WRITE)],
)
async def upload_dataset_file(
    dataset_id: DatasetId, request: Request, subject: Caller, digest: ExpectedDigest
) -> Dataset:
    """Send the file as the body. A job checks it: poll until the state is `ready` or `refused`."""
    return await receive_file(request, subject, DATASET, dataset_id, digest=digest, document=datasets_service.get)


@verifiers.put(
    "/verifiers/{verifier_id}/file",
    **receiving("An ONNX model: one input of images (batch, channels, height, width), one embedding."),
    dependencies=[needs(Scope.DATASETS_WRITE)],
)
async def upload_verifier_file(
    verifier_id: VerifierId, request: Request, subject: Caller, digest: ExpectedDigest
) -> Verifier:
    """Send the file as the body. A job checks it: poll until the state is `ready` or `refused`."""
    return await receive_file(request, subject, VERIFIER, verifier_id, digest=digest, document=verifiers_service.get)
