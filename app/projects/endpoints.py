"""Projects, their keys and their audit log."""

from typing import Annotated

from fastapi import Query

from app.auth import key_service, log_service
from app.auth import schemas as auth_schemas
from app.auth.authenticate import Caller
from app.auth.idempotency import OncePerKey
from app.auth.routing import Router, needs, needs_operator
from app.auth.scopes import Scope
from app.db.models import ApiKey
from app.db.transaction import Transaction
from app.kit.ids import KeyId, ProjectId
from app.kit.no_store import NO_STORE
from app.kit.problems import problems
from app.projects import repository, schemas, service

router = Router(tags=["projects"])
keys = Router(tags=["keys"])
log = Router(prefix="/projects/{project_id}/audit-log", tags=["audit-log"])


@router.get("/projects", name="list", responses=problems(400, 401, 422))
async def list_projects(
    session: Transaction, subject: Caller, asked: Annotated[schemas.ProjectQuery, Query()]
) -> schemas.ProjectPage:
    """List the projects that the caller may see, newest first by default."""
    return await service.page(session, subject, asked)


@router.post(
    "/projects",
    name="create",
    status_code=201,
    responses=problems(401, 403, 404, 409, 422),
    dependencies=[needs(Scope.PROJECTS_WRITE)],
)
async def create_project(
    body: schemas.ProjectCreate, session: Transaction, subject: Caller, once: OncePerKey
) -> schemas.Project:
    """Create a project in the caller's organisation."""
    return await once(lambda: service.create(session, subject, body))


@router.get("/projects/{project_id}", name="get", responses=problems(401, 404))
async def get_project(project_id: ProjectId, session: Transaction, subject: Caller) -> schemas.Project:
    """Get a project."""
    return schemas.Project.model_validate(await repository.get(session, subject, project_id))


@router.post(
    "/projects/{project_id}/encryption-key",
    name="replace_encryption_key",
    responses=problems(401, 403, 404),
    dependencies=[needs_operator()],
)
async def replace_encryption_key(project_id: ProjectId, session: Transaction, subject: Caller) -> schemas.KeyReplaced:
    """Give a project a new key for the keys of its stored objects, and destroy the old one.

    The objects stay as they are. Only the operator can do this.
    """
    await repository.get(session, subject, project_id)
    return await service.replace_encryption_key(subject, project_id)


@keys.get("/projects/{project_id}/keys", name="list", responses=problems(400, 401, 404, 422))
async def list_keys(
    project_id: ProjectId, session: Transaction, subject: Caller, asked: Annotated[auth_schemas.KeyQuery, Query()]
) -> auth_schemas.KeyPage:
    """List the API keys of a project, newest first by default. Secrets are not included."""
    await repository.get(session, subject, project_id)
    return await key_service.page(session, subject, ApiKey.project_id == project_id, asked)


@keys.post(
    "/projects/{project_id}/keys",
    name="create",
    status_code=201,
    responses=problems(401, 403, 404, 409, 422),
    dependencies=[needs(Scope.KEYS_WRITE), NO_STORE],
)
async def create_key(
    project_id: ProjectId, body: auth_schemas.KeyCreate, session: Transaction, subject: Caller, once: OncePerKey
) -> auth_schemas.NewKey:
    """Create an API key. Only this response contains the key itself."""
    await repository.get(session, subject, project_id)
    return await once(lambda: key_service.create_in_project(session, subject, project_id, body))


@keys.delete(
    "/keys/{key_id}",
    name="revoke",
    status_code=204,
    responses=problems(401, 403, 404),
)
async def revoke_key(key_id: KeyId, session: Transaction, subject: Caller) -> None:
    """Revoke a key, and the keys and sessions made with it. People can revoke their own."""
    await key_service.revoke(session, subject, key_id)


@log.get("", name="list", responses=problems(400, 401, 403, 404, 422))
async def list_log(
    project_id: ProjectId, session: Transaction, subject: Caller, asked: Annotated[auth_schemas.LogQuery, Query()]
) -> auth_schemas.LogPage:
    """List the entries of a project's audit log, newest first by default."""
    await repository.get_ever(session, subject, project_id)
    return await log_service.page(session, subject, project_id, asked)


@log.get("/verification", name="verify", responses=problems(401, 403, 404))
async def verify_log(project_id: ProjectId, session: Transaction, subject: Caller) -> auth_schemas.LogVerification:
    """Recompute and compare every digest of a project's audit log."""
    await repository.get_ever(session, subject, project_id)
    return await log_service.verify(session, subject, project_id)
