"""Creating, versioning and listing policies, and assigning them to targets."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.auth import audit_log
from app.auth.scopes import Scope
from app.auth.subject import Subject
from app.contract.policy import Policy as PolicyDocument
from app.db.models import Policy, PolicyVersion, Project, Target
from app.errors import ConflictError, NotFoundError
from app.kit.canonical import digest
from app.kit.cursor import fetch_page
from app.kit.ids import public_id
from app.kit.listing import listed
from app.kit.unique import unique_violation
from app.policies import feasible, repository, schemas
from app.problem_types.body import LISTED
from app.targets import repository as targets

NAMED = 5
"""Most targets that a problem names in its sentence."""


async def create(
    session: AsyncSession, subject: Subject, project_id: UUID, body: schemas.PolicyCreate
) -> schemas.StoredPolicy:
    """Create a policy with its first version."""
    subject.require(Scope.POLICIES_WRITE)
    policy = Policy(project_id=project_id, name=body.name)
    taken = ConflictError("name_taken", f"A policy named {body.name!r} already exists. Add a version to it.")
    async with unique_violation(session, taken):
        session.add(policy)
        await session.flush()
    await session.refresh(policy)
    version = await _add_version(session, subject, policy, 1, body.policy)
    await _log(session, subject, "policy.created", policy, _told(version) | {"name": policy.name})
    return await document(session, policy)


async def add_version(
    session: AsyncSession, subject: Subject, policy_id: UUID, body: schemas.PolicyVersionCreate
) -> schemas.PolicyVersion:
    """Add a version, which applies from now on. The same document again is the same version."""
    subject.require(Scope.POLICIES_WRITE)
    policy = await repository.get_to_change(session, subject, policy_id)
    newest = await repository.newest_version(session, policy.id)
    if newest.digest == digest(stored(body.policy)):
        return version_document(newest)
    await feasible.check_all(session, body.policy, repository.applies_to(policy))
    version = await _add_version(session, subject, policy, newest.version + 1, body.policy)
    await _log(session, subject, "policy.version_added", policy, _told(version))
    return version_document(version)


async def delete(session: AsyncSession, subject: Subject, policy_id: UUID) -> None:
    """Delete a policy that nothing uses. Deleting it again changes nothing."""
    subject.require(Scope.POLICIES_WRITE)
    policy = await repository.get(session, subject, policy_id, lock=True)
    if policy.deleted_at is not None:
        return
    if policy.default_since is not None:
        raise ConflictError(
            "policy_in_use",
            f"The policy {policy.name!r} is the default of its project. Set another default first, or none.",
        )
    users, count = await repository.targets_of(session, policy, limit=LISTED)
    if users:
        names = ", ".join(repr(target.name) for target in users[:NAMED])
        more = f" and {count - NAMED} more" if count > NAMED else ""
        raise ConflictError(
            "policy_in_use",
            f"The policy {policy.name!r} is assigned to {names}{more}. Assign another policy there first.",
            errors=[{"target": public_id("tgt", target.id), "name": target.name} for target in users],
        )
    policy.deleted_at = datetime.now(UTC)
    await session.flush()
    await _log(session, subject, "policy.deleted", policy, {"name": policy.name})


async def page(
    session: AsyncSession, subject: Subject, project_id: UUID, asked: schemas.PolicyQuery
) -> schemas.PolicyPage:
    """List the policies of a project, newest first."""
    statement = repository.readable(subject).where(Policy.project_id == project_id, Policy.deleted_at.is_(None))
    rows, following = await listed(session, statement, repository.LISTING, asked)
    return schemas.PolicyPage(items=[await document(session, row[0]) for row in rows], next_cursor=following)


async def get(session: AsyncSession, subject: Subject, policy_id: UUID) -> schemas.StoredPolicy:
    """Return a policy with its newest version."""
    return await document(session, await repository.get(session, subject, policy_id))


async def versions(
    session: AsyncSession, subject: Subject, policy_id: UUID, *, limit: int, cursor: str | None
) -> schemas.PolicyVersionPage:
    """List the versions of a policy, newest first."""
    policy = await repository.get(session, subject, policy_id)
    statement = repository.readable_versions(subject).where(PolicyVersion.policy_id == policy.id)
    rows, following = await fetch_page(session, statement, repository.NEWEST_VERSION_FIRST, limit=limit, cursor=cursor)
    return schemas.PolicyVersionPage(items=[version_document(row[0]) for row in rows], next_cursor=following)


async def of_target(session: AsyncSession, subject: Subject, target_id: UUID) -> schemas.Assigned:
    """Return the policy that applies to a target."""
    target = await targets.get(session, subject, target_id)
    default = await repository.default_of(session, target.project_id)
    inherited = target.policy_id is None and default is not None
    return schemas.Assigned(policy_id=default.id if default and inherited else target.policy_id, inherited=inherited)


async def assign(
    session: AsyncSession, subject: Subject, target_id: UUID, body: schemas.Assignment
) -> schemas.Assigned:
    """Assign a policy to a target, or remove the assignment so that the default applies."""
    subject.require(Scope.POLICIES_WRITE)
    target = await targets.get(session, subject, target_id)
    if body.policy_id is not None:
        policy = await _of_project(session, subject, body.policy_id, target.project_id)
        version = await repository.newest_version(session, policy.id)
        await feasible.check(session, PolicyDocument.model_validate(version.document), target)
    if target.policy_id != body.policy_id:
        target.policy_id, target.policy_since = body.policy_id, datetime.now(UTC)
        await session.flush()
        details = {"policy": body.policy_id and public_id("pol", body.policy_id)}
        identifier = public_id("tgt", target.id)
        await audit_log.write(
            session, subject, "policy.assigned", identifier, project_id=target.project_id, details=details
        )
    return await of_target(session, subject, target_id)


async def of_project(session: AsyncSession, project: Project) -> schemas.Assigned:
    """Return the default policy of a project."""
    default = await repository.default_of(session, project.id)
    return schemas.Assigned(policy_id=default.id if default else None, inherited=False)


async def set_default(
    session: AsyncSession, subject: Subject, project: Project, body: schemas.Assignment
) -> schemas.Assigned:
    """Set the policy of all targets without one of their own, or remove it."""
    subject.require(Scope.POLICIES_WRITE)
    chosen = body.policy_id and await _of_project(session, subject, body.policy_id, project.id)
    if chosen:
        version = await repository.newest_version(session, chosen.id)
        wanted = PolicyDocument.model_validate(version.document)
        await feasible.check_all(session, wanted, repository.without_policy(project.id))
    before = await repository.default_of(session, project.id)
    if (before and before.id) != body.policy_id:
        if before:
            before.default_since = None
            await session.flush()
        if chosen:
            chosen.default_since = datetime.now(UTC)
            await session.flush()
        details = {"policy": body.policy_id and public_id("pol", body.policy_id)}
        identifier = public_id("prj", project.id)
        await audit_log.write(
            session, subject, "policy.default_set", identifier, project_id=project.id, details=details
        )
    return await of_project(session, project)


def stored(policy: PolicyDocument) -> dict[str, Any]:
    """Return a policy as it is stored and digested."""
    return policy.model_dump(mode="json", by_alias=True)


async def document(session: AsyncSession, policy: Policy) -> schemas.StoredPolicy:
    """Return a policy with its newest version and the targets that it is assigned to."""
    newest = await repository.newest_version(session, policy.id)
    assigned = select(Target.id).where(Target.policy_id == policy.id).order_by(Target.created_at)
    return schemas.StoredPolicy(
        id=policy.id,
        project_id=policy.project_id,
        name=policy.name,
        is_default=policy.default_since is not None,
        targets=list((await session.execute(assigned)).scalars()),
        newest=version_document(newest),
        created_at=policy.created_at,
        deleted_at=policy.deleted_at,
    )


def version_document(version: PolicyVersion) -> schemas.PolicyVersion:
    """Return a version as the API shows it."""
    return schemas.PolicyVersion(
        policy_id=version.policy_id,
        version=version.version,
        policy=PolicyDocument.model_validate(version.document),
        digest=version.digest,
        created_by=version.created_by,
        created_at=version.created_at,
    )


async def _add_version(
    session: AsyncSession, subject: Subject, policy: Policy, number: int, body: PolicyDocument
) -> PolicyVersion:
    whole = stored(body)
    version = PolicyVersion(
        project_id=policy.project_id,
        policy_id=policy.id,
        version=number,
        document=whole,
        digest=digest(whole),
        created_by=subject.name,
    )
    session.add(version)
    await session.flush()
    await session.refresh(version)
    return version


async def _of_project(session: AsyncSession, subject: Subject, policy_id: UUID, project_id: UUID) -> Policy:
    policy = await repository.get_to_change(session, subject, policy_id)
    if policy.project_id != project_id:
        raise NotFoundError("no_such_policy", "There is no such policy in this project.")
    return policy


def _told(version: PolicyVersion) -> dict[str, Any]:
    return {"version": version.version, "digest": version.digest}


async def _log(session: AsyncSession, subject: Subject, action: str, policy: Policy, details: dict[str, Any]) -> None:
    identifier = public_id("pol", policy.id)
    await audit_log.write(session, subject, action, identifier, project_id=policy.project_id, details=details)
