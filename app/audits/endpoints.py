"""Endpoints to estimate, start, read, cancel and replay audits."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Request, Response

from app.audits import reading, replay, schemas, service
from app.audits.queue import queue_place
from app.auth.authenticate import Caller
from app.auth.idempotency import OncePerKey
from app.auth.routing import Router, needs
from app.auth.scopes import Scope
from app.auth.subject import Subject
from app.db.session import async_session
from app.db.transaction import Transaction
from app.errors import NotFoundError
from app.kit.documents import as_json, etag, page, unchanged
from app.kit.ids import AuditId, ProjectId
from app.kit.in_memory import documents, reads
from app.kit.problems import problems
from app.projects import repository as projects

router = Router(tags=["audits"])


@router.get(
    "/projects/{project_id}/audits",
    name="list_of_project",
    response_model=schemas.AuditPage,
    responses=problems(400, 401, 403, 404, 422),
)
async def list_of_project(
    project_id: ProjectId, request: Request, subject: Caller, asked: Annotated[schemas.AuditQuery, Query()]
) -> Response:
    """List the audits of a project, newest first by default. Has an ETag."""
    return await _listed(request, subject, project_id, asked)


async def _listed(request: Request, subject: Subject, project_id: UUID | None, asked: schemas.AuditQuery) -> Response:
    versions, following = await reading.page(reads(request), subject, project_id, asked)
    if not versions and project_id is not None:
        async with async_session() as session:
            await projects.get(session, subject, project_id)
    tag = etag(versions, str(following))
    if (same := unchanged(request, tag)) is not None:
        return same
    return as_json(page(await reading.documents(documents(request), reads(request), subject, versions), following), tag)


@router.post(
    "/projects/{project_id}/audits",
    name="create",
    status_code=201,
    responses=problems(401, 403, 404, 409, 422),
    dependencies=[needs(Scope.AUDITS_WRITE)],
)
async def create_audit(
    project_id: ProjectId, body: schemas.AuditCreate, session: Transaction, subject: Caller, once: OncePerKey
) -> schemas.Audit:
    """Start an audit. Its plan is fixed and hashed at this moment.

    The audit log keeps the declaration of the right to audit. The actor of that entry is the
    person or API key that sent the request.
    """
    await projects.get(session, subject, project_id)
    return await once(lambda: service.create(session, subject, project_id, body))


@router.post(
    "/projects/{project_id}/audits/estimate",
    name="estimate",
    responses=problems(401, 403, 404, 422),
    dependencies=[needs(Scope.AUDITS_READ)],
)
async def estimate_audit(project_id: ProjectId, body: schemas.EstimateRequest, subject: Caller) -> schemas.Estimate:
    """Estimate the cost of an audit and what it could conclude. Starts nothing."""
    return await service.estimated(subject, project_id, body)


@router.get("/audits", name="list", response_model=schemas.AuditPage, responses=problems(400, 401, 403, 422))
async def list_audits(request: Request, subject: Caller, asked: Annotated[schemas.AuditQuery, Query()]) -> Response:
    """List all audits that the caller may see, newest first by default. Has an ETag."""
    return await _listed(request, subject, None, asked)


@router.get("/audits/{audit_id}", name="get", response_model=schemas.Audit, responses=problems(401, 403, 404))
async def get_audit(audit_id: AuditId, request: Request, subject: Caller) -> Response:
    """Return an audit. Has an ETag."""
    version = await reading.one(reads(request), subject, audit_id)
    tag = etag([version])
    if (same := unchanged(request, tag)) is not None:
        return same
    for document in await reading.documents(documents(request), reads(request), subject, [version]):
        return as_json(document, tag)
    raise NotFoundError("no_such_audit", "There is no such audit.")


@router.post(
    "/audits/{audit_id}/cancel",
    name="cancel",
    status_code=202,
    responses=problems(401, 403, 404, 409, 422),
    dependencies=[needs(Scope.AUDITS_WRITE)],
)
async def cancel_audit(audit_id: AuditId, session: Transaction, subject: Caller, once: OncePerKey) -> schemas.Audit:
    """Cancel an audit.

    Waiting jobs are cancelled now; running ones stop at their next checkpoint.
    """
    return await once(lambda: service.cancel(session, subject, audit_id), status=202)


@router.get("/audits/{audit_id}/jobs", name="jobs", responses=problems(401, 403, 404))
async def list_jobs(audit_id: AuditId, session: Transaction, subject: Caller) -> schemas.JobPage:
    """List all jobs of an audit in the order of the stages, on one page."""
    return await service.jobs(session, subject, audit_id)


@router.get("/audits/{audit_id}/queue", name="queue", responses=problems(401, 403, 404))
async def get_queue_place(audit_id: AuditId, subject: Caller) -> schemas.QueuePlace:
    """Return how many audits are ahead of this one, and when it is expected to go on.

    Audits of other tenants are counted. Nothing else is told about them.
    """
    return await queue_place(subject, audit_id)


@router.post(
    "/audits/{audit_id}/replay",
    name="replay",
    status_code=201,
    responses=problems(401, 403, 404, 409, 422),
    dependencies=[needs(Scope.AUDITS_WRITE)],
)
async def replay_audit(audit_id: AuditId, session: Transaction, subject: Caller, once: OncePerKey) -> schemas.Audit:
    """Run the same plan again on the same inputs, as a new audit.

    Its `replay_of` names this one.
    """
    return await once(lambda: replay.create(session, subject, audit_id))


@router.get("/audits/{audit_id}/drift", name="drift", responses=problems(401, 403, 404, 409))
async def get_drift(audit_id: AuditId, session: Transaction, subject: Caller) -> schemas.Drift:
    """Compare this replay with its original: reconstructions by digest, risk and verdict."""
    return await replay.drift(session, subject, audit_id)
