"""One identity: what is held about it, its export, and its erasure.

Names are sent in bodies, because addresses are kept in the logs of servers and proxies.
"""

from typing import Any

from fastapi import Response

from app.auth.authenticate import Caller
from app.auth.idempotency import OncePerKey
from app.auth.routing import Router, needs
from app.auth.scopes import Scope
from app.db.transaction import Transaction
from app.deletions.schemas import Receipt
from app.identities import exporting, schemas, service
from app.identities.places import Held
from app.kit.ids import ProjectId
from app.kit.problems import problems

router = Router(tags=["identities"])

ZIP = "application/zip"
ARCHIVE: dict[int | str, dict[str, Any]] = {
    200: {"description": "ZIP archive", "content": {ZIP: {"schema": {"type": "string", "format": "binary"}}}}
}


@router.post(
    "/projects/{project_id}/identities/preview",
    name="preview",
    responses=problems(401, 403, 404, 409, 422),
    dependencies=[needs(Scope.DATA_DELETE)],
)
async def preview_identity(
    project_id: ProjectId, body: schemas.IdentityNames, session: Transaction, subject: Caller
) -> schemas.IdentityPreview:
    """Return what is held about an identity, and what its erasure would destroy and keep."""
    return await service.look(session, subject, project_id, body)


@router.post(
    "/projects/{project_id}/identities/export",
    name="export",
    response_class=Response,
    responses=ARCHIVE | problems(401, 403, 404, 409, 413, 422, 429),
)
async def export_identity(
    project_id: ProjectId, body: schemas.IdentityExport, session: Transaction, subject: Caller, _place: Held
) -> Response:
    """Get everything that is held about an identity. The audit log keeps the purpose."""
    archive = await exporting.export(session, subject, project_id, body)
    headers = {"Content-Disposition": 'attachment; filename="identity.zip"', "Cache-Control": "no-store"}
    return Response(archive, media_type=ZIP, headers=headers)


@router.post(
    "/projects/{project_id}/identities/erase",
    name="erase",
    responses=problems(401, 403, 404, 409, 422),
    dependencies=[needs(Scope.DATA_DELETE)],
)
async def erase_identity(
    project_id: ProjectId, body: schemas.IdentityErasure, session: Transaction, subject: Caller, once: OncePerKey
) -> Receipt:
    """Erase the images, the reconstructions and the name of an identity. Scores stay."""
    return await once(lambda: service.erase(session, subject, project_id, body), status=200)
