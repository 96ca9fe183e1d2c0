"""Releases and the names of architectures."""

from typing import Annotated

import anyio
from fastapi import Query

from app.auth.authenticate import Caller
from app.auth.idempotency import OncePerKey
from app.auth.routing import Router, needs
from app.auth.scopes import Scope
from app.db.models import Release
from app.db.transaction import Transaction
from app.kit.cursor import Limit
from app.kit.ids import ProjectId, ReleaseId, TargetId
from app.kit.problems import problems
from app.projects import repository as projects
from app.releases import architectures, preflight, proposals, schemas, service, signatures
from app.targets import repository as targets

router = Router(tags=["releases"])
names = Router(tags=["architectures"])


@router.get("/targets/{target_id}/releases", name="list_of_target", responses=problems(400, 401, 404, 422))
async def list_of_target(
    target_id: TargetId, session: Transaction, subject: Caller, asked: Annotated[schemas.ReleaseQuery, Query()]
) -> schemas.ReleasePage:
    """List the releases of a target, newest first by default."""
    await targets.get(session, subject, target_id)
    return await service.page(session, subject, Release.target_id == target_id, asked)


@router.post(
    "/targets/{target_id}/releases",
    name="create",
    status_code=201,
    responses=problems(401, 403, 404, 409, 413, 422),
    dependencies=[needs(Scope.TARGETS_WRITE)],
)
async def create_release(
    target_id: TargetId, body: schemas.ReleaseCreate, session: Transaction, subject: Caller, once: OncePerKey
) -> schemas.Release:
    """Create a release. Upload its checkpoint next."""
    target = await targets.get(session, subject, target_id)
    return await once(lambda: service.create(session, subject, target, body))


@router.get("/projects/{project_id}/releases", name="list", responses=problems(400, 401, 404, 422))
async def list_of_project(
    project_id: ProjectId, session: Transaction, subject: Caller, asked: Annotated[schemas.ReleaseQuery, Query()]
) -> schemas.ReleasePage:
    """List the releases of a project, newest first by default."""
    await projects.get(session, subject, project_id)
    return await service.page(session, subject, Release.project_id == project_id, asked)


@router.get("/releases/{release_id}", name="get", responses=problems(401, 404))
async def get_release(release_id: ReleaseId, session: Transaction, subject: Caller) -> schemas.Release:
    """Get a release."""
    return await service.get(session, subject, release_id)


@router.post(
    "/releases/{release_id}/signature",
    name="sign",
    responses=problems(401, 403, 404, 409, 413, 422),
    dependencies=[needs(Scope.TARGETS_WRITE)],
)
async def sign_release(
    release_id: ReleaseId, body: schemas.SignatureCreate, session: Transaction, subject: Caller
) -> schemas.ReleaseSignature:
    """Verify a signature of the release's file and keep its signer. A later one replaces it."""
    return await signatures.verify(session, subject, release_id, body)


@router.post("/checkpoints/preflight", name="preflight", responses=problems(400, 401, 413, 422))
async def preflight_checkpoint(subject: Caller, body: preflight.PreflightRequest) -> preflight.Preflight:
    """Check a checkpoint before it is uploaded.

    Send its first and last 64 KiB, then whatever `wanted` asks for: a safetensors header, or the
    directory and the pickle of a PyTorch ZIP file. Nothing is kept.
    """
    return await anyio.to_thread.run_sync(preflight.judge, body)


@names.get("/architectures", name="list", responses=problems(401, 422))
async def list_architectures(
    subject: Caller,
    query: Annotated[str, Query(max_length=100, description="Words the name must contain.")] = "",
    limit: Limit = 50,
) -> schemas.ArchitecturePage:
    """List names of architectures that a checkpoint may have."""
    return schemas.ArchitecturePage(items=architectures.search(query, limit), next_cursor=None)


@names.post("/architectures/propose", name="propose", responses=problems(401, 413, 422))
async def propose_architectures(subject: Caller, body: schemas.TensorShapes) -> schemas.ArchitectureProposals:
    """List architectures whose tensors have these names and shapes, best first."""
    return proposals.propose(body)
