"""Endpoints of watched sources and their incoming webhooks."""

from typing import Annotated

from fastapi import Query, Request

from app.auth.authenticate import Caller
from app.auth.idempotency import OncePerKey
from app.auth.routing import Router, needs
from app.auth.scopes import Scope
from app.db.transaction import Transaction, UnboundTransaction
from app.kit.cursor import Cursor, Limit
from app.kit.ids import ProjectId, SourceId
from app.kit.problems import problems
from app.projects import repository as projects
from app.sources import incoming, repository, schemas, service

router = Router(tags=["sources"])


@router.get("/projects/{project_id}/sources", name="list", responses=problems(400, 401, 403, 404, 422))
async def list_sources(
    project_id: ProjectId, session: Transaction, subject: Caller, asked: Annotated[schemas.SourceQuery, Query()]
) -> schemas.SourcePage:
    """List the sources of a project, newest first by default."""
    await projects.get(session, subject, project_id)
    return await service.page(session, subject, project_id, asked)


@router.post(
    "/projects/{project_id}/sources",
    name="create",
    status_code=201,
    responses=problems(401, 403, 404, 409, 422),
    dependencies=[needs(Scope.TARGETS_WRITE)],
)
async def create_source(
    project_id: ProjectId, body: schemas.SourceCreate, session: Transaction, subject: Caller, once: OncePerKey
) -> schemas.NewSource:
    """Watch an address. Only this response contains the secret of its incoming webhooks.

    The file that is there now becomes the first release.
    """
    await projects.get(session, subject, project_id)
    return await once(lambda: service.create(session, subject, project_id, body))


@router.get("/sources/{source_id}", name="get", responses=problems(401, 403, 404))
async def get_source(source_id: SourceId, session: Transaction, subject: Caller) -> schemas.Source:
    """Get a source."""
    return schemas.Source.model_validate(await repository.get(session, subject, source_id))


@router.patch(
    "/sources/{source_id}",
    name="update",
    responses=problems(401, 403, 404, 409, 422),
    dependencies=[needs(Scope.TARGETS_WRITE)],
)
async def update_source(
    source_id: SourceId, body: schemas.SourceUpdate, session: Transaction, subject: Caller
) -> schemas.Source:
    """Change a source. Only the fields that are sent change."""
    return await service.update(session, subject, source_id, body)


@router.delete(
    "/sources/{source_id}",
    name="delete",
    status_code=204,
    responses=problems(401, 403, 404),
    dependencies=[needs(Scope.TARGETS_WRITE)],
)
async def delete_source(source_id: SourceId, session: Transaction, subject: Caller) -> None:
    """Delete a source and the list of its changes. Its releases stay."""
    await service.delete(session, subject, source_id)


@router.post(
    "/sources/{source_id}/check",
    name="check",
    responses=problems(401, 403, 404),
    dependencies=[needs(Scope.TARGETS_WRITE)],
)
async def check_source(source_id: SourceId, session: Transaction, subject: Caller) -> schemas.Source:
    """Check a source within seconds. A revision that failed is tried again."""
    return await service.check_now(session, subject, source_id)


@router.get("/sources/{source_id}/changes", name="changes", responses=problems(400, 401, 403, 404, 422))
async def list_changes(
    source_id: SourceId, session: Transaction, subject: Caller, limit: Limit = 50, cursor: Cursor = None
) -> schemas.SourceChangePage:
    """List the revisions of a source that were found, newest first."""
    return await service.changes(session, subject, source_id, limit=limit, cursor=cursor)


@router.post("/sources/{source_id}/webhook", name="webhook", status_code=202, responses=problems(401, 404, 413, 422))
async def receive_webhook(source_id: SourceId, request: Request, session: UnboundTransaction) -> schemas.Accepted:
    """Receive a webhook of an MLflow registry or of the Hugging Face hub.

    Needs no key: MLflow signs the body, and the hub sends the secret. The work follows later.
    """
    return await incoming.receive(session, source_id, request.headers, await request.body())
