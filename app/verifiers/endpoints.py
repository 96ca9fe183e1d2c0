"""Verifiers."""

from typing import Annotated

from fastapi import Query

from app.auth.authenticate import Caller
from app.auth.idempotency import OncePerKey
from app.auth.routing import Router, needs
from app.auth.scopes import Scope
from app.db.transaction import Transaction
from app.kit.ids import ProjectId, VerifierId
from app.kit.problems import problems
from app.projects import repository as projects
from app.verifiers import schemas, service

router = Router(tags=["verifiers"])


@router.get("/projects/{project_id}/verifiers", name="list", responses=problems(400, 401, 404, 422))
async def list_verifiers(
    project_id: ProjectId, session: Transaction, subject: Caller, asked: Annotated[schemas.VerifierQuery, Query()]
) -> schemas.VerifierPage:
    """List the verifiers of a project, newest first by default."""
    await projects.get(session, subject, project_id)
    return await service.page(session, subject, project_id, asked)


@router.post(
    "/projects/{project_id}/verifiers",
    name="create",
    status_code=201,
    responses=problems(401, 403, 404, 409, 422),
    dependencies=[needs(Scope.DATASETS_WRITE)],
)
async def create_verifier(
    project_id: ProjectId, body: schemas.VerifierCreate, session: Transaction, subject: Caller, once: OncePerKey
) -> schemas.Verifier:
    """Create a verifier. Upload its model next."""
    await projects.get(session, subject, project_id)
    return await once(lambda: service.create(session, subject, project_id, body))


@router.get("/bundled-verifiers", name="bundled", responses=problems(401))
async def list_bundled(subject: Caller) -> schemas.BundledPage:
    """List the shipped verifiers.

    An audit uses those for its image size unless it names others.
    """
    return service.bundled_page()


@router.get("/verifiers/{verifier_id}", name="get", responses=problems(401, 404))
async def get_verifier(verifier_id: VerifierId, session: Transaction, subject: Caller) -> schemas.Verifier:
    """Get a verifier."""
    return await service.get(session, subject, verifier_id)
