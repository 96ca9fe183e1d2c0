"""Endpoints of policies and their assignment."""

from typing import Annotated

from fastapi import Query

from app.auth.authenticate import Caller
from app.auth.idempotency import OncePerKey
from app.auth.routing import Router, needs
from app.auth.scopes import Scope
from app.db.transaction import Transaction
from app.kit.cursor import Cursor, Limit
from app.kit.ids import PolicyId, ProjectId, TargetId
from app.kit.problems import problems
from app.policies import drafts, repository, schemas, service
from app.projects import repository as projects

router = Router(tags=["policies"])


@router.get("/projects/{project_id}/policies", name="list", responses=problems(400, 401, 404, 422))
async def list_policies(
    project_id: ProjectId, session: Transaction, subject: Caller, asked: Annotated[schemas.PolicyQuery, Query()]
) -> schemas.PolicyPage:
    """List the policies of a project, newest first by default."""
    await projects.get(session, subject, project_id)
    return await service.page(session, subject, project_id, asked)


@router.post(
    "/projects/{project_id}/policies",
    name="create",
    status_code=201,
    responses=problems(401, 403, 404, 409, 422),
    dependencies=[needs(Scope.POLICIES_WRITE)],
)
async def create_policy(
    project_id: ProjectId, body: schemas.PolicyCreate, session: Transaction, subject: Caller, once: OncePerKey
) -> schemas.StoredPolicy:
    """Create a policy with its first version."""
    await projects.get(session, subject, project_id)
    return await once(lambda: service.create(session, subject, project_id, body))


@router.post(
    "/projects/{project_id}/policies/test",
    name="test",
    responses=problems(401, 403, 404, 422),
    dependencies=[needs(Scope.AUDITS_READ)],
)
async def test_policy(
    project_id: ProjectId, body: schemas.TestRequest, session: Transaction, subject: Caller
) -> schemas.TestReport:
    """Return what a draft would have decided on the last releases. Stores nothing."""
    await projects.get(session, subject, project_id)
    return await drafts.test(session, subject, project_id, body)


@router.get("/projects/{project_id}/policy", name="default", responses=problems(401, 404))
async def get_default(project_id: ProjectId, session: Transaction, subject: Caller) -> schemas.Assigned:
    """Get the policy that applies to targets without one of their own."""
    return await service.of_project(session, await projects.get(session, subject, project_id))


@router.put(
    "/projects/{project_id}/policy",
    name="set_default",
    responses=problems(401, 403, 404, 409, 422),
    dependencies=[needs(Scope.POLICIES_WRITE)],
)
async def set_default(
    project_id: ProjectId, body: schemas.Assignment, session: Transaction, subject: Caller
) -> schemas.Assigned:
    """Set the policy that applies to targets without one of their own."""
    return await service.set_default(session, subject, await projects.get(session, subject, project_id), body)


@router.get("/targets/{target_id}/policy", name="of_target", responses=problems(401, 404))
async def get_of_target(target_id: TargetId, session: Transaction, subject: Caller) -> schemas.Assigned:
    """Get the policy that applies to a target."""
    return await service.of_target(session, subject, target_id)


@router.put(
    "/targets/{target_id}/policy",
    name="assign",
    responses=problems(401, 403, 404, 409, 422),
    dependencies=[needs(Scope.POLICIES_WRITE)],
)
async def assign_policy(
    target_id: TargetId, body: schemas.Assignment, session: Transaction, subject: Caller
) -> schemas.Assigned:
    """Assign a policy to a target. Its releases are decided again within seconds."""
    return await service.assign(session, subject, target_id, body)


@router.get("/policies/{policy_id}", name="get", responses=problems(401, 404))
async def get_policy(policy_id: PolicyId, session: Transaction, subject: Caller) -> schemas.StoredPolicy:
    """Get a policy with its newest version."""
    return await service.get(session, subject, policy_id)


@router.delete(
    "/policies/{policy_id}",
    name="delete",
    status_code=204,
    responses=problems(401, 403, 404, 409),
    dependencies=[needs(Scope.POLICIES_WRITE)],
)
async def delete_policy(policy_id: PolicyId, session: Transaction, subject: Caller) -> None:
    """Delete a policy that applies to no target and is not the default of its project.

    Its versions and the decisions by it stay readable. Its name can be used again.
    """
    await service.delete(session, subject, policy_id)


@router.get("/policies/{policy_id}/versions", name="versions", responses=problems(400, 401, 404, 422))
async def list_versions(
    policy_id: PolicyId, session: Transaction, subject: Caller, limit: Limit = 50, cursor: Cursor = None
) -> schemas.PolicyVersionPage:
    """List the versions of a policy, newest first."""
    return await service.versions(session, subject, policy_id, limit=limit, cursor=cursor)


@router.post(
    "/policies/{policy_id}/versions",
    name="add_version",
    status_code=201,
    responses=problems(401, 403, 404, 409, 422),
    dependencies=[needs(Scope.POLICIES_WRITE)],
)
async def add_version(
    policy_id: PolicyId, body: schemas.PolicyVersionCreate, session: Transaction, subject: Caller, once: OncePerKey
) -> schemas.PolicyVersion:
    """Add a version. Releases are decided by it again within seconds, without another attack.

    The document of the newest version again adds nothing and returns that version.
    """
    await repository.get(session, subject, policy_id)
    return await once(lambda: service.add_version(session, subject, policy_id, body))
