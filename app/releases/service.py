"""Creating and listing releases."""

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row
from sqlalchemy.ext.asyncio import AsyncSession

from app.auth import audit_log
from app.auth.scopes import Scope
from app.auth.subject import Subject
from app.db.models import Release, Target
from app.errors import ConflictError, TooLargeError, UnprocessableError
from app.kit.ids import public_id
from app.kit.listing import listed
from app.kit.unique import unique_violation
from app.releases import architectures, class_names, convention, repository, schemas, twins
from app.settings import settings


async def create(
    session: AsyncSession, subject: Subject, target: Target, body: schemas.ReleaseCreate
) -> schemas.Release:
    """Create a release without a file.

    Rejects everything that can be rejected before the upload.
    """
    subject.require(Scope.TARGETS_WRITE)
    architectures.check(body.architecture)
    limit = settings().max_checkpoint_bytes
    if body.size_bytes is not None and body.size_bytes > limit:
        raise TooLargeError("too_large", f"The file has {body.size_bytes:,} bytes, over the limit of {limit:,}.")
    convention.check(body.convention)
    original = await _original(session, subject, target, body)
    replaced = twins.checked(original, body.classes, body.replaced or []) if original else None
    release = Release(
        project_id=target.project_id,
        target_id=target.id,
        version=body.version,
        architecture=body.architecture,
        hyperparameters=body.hyperparameters,
        convention=body.convention.model_dump(),
        classes=original.classes if original else class_names.stored(body.classes),
        classes_are=original.classes_are if original else body.classes_are,
        class_order_confirmed=body.confirm_class_order or (original is not None and original.class_order_confirmed),
        sha256=body.sha256.lower() if body.sha256 else None,
        size_bytes=body.size_bytes,
        twin_of=body.twin_of,
        replaced=replaced,
    )
    conflict = ConflictError(
        "version_taken", f"{target.name!r} already has a release {body.version!r}. Choose another version."
    )
    async with unique_violation(session, conflict):
        session.add(release)
        await session.flush()
    await session.refresh(release)
    identifier, details = public_id("rel", release.id), {"version": release.version, "target": target.name}
    await audit_log.write(
        session, subject, "release.created", identifier, project_id=release.project_id, details=details
    )
    return document(release, target.name)


async def _original(
    session: AsyncSession, subject: Subject, target: Target, body: schemas.ReleaseCreate
) -> Release | None:
    """Return the release that this one is a twin of."""
    if body.twin_of is None:
        return None
    original, _ = await repository.get(session, subject, body.twin_of)
    if original.target_id != target.id:
        raise UnprocessableError("twin_of_other_target", "A twin must belong to the target of its original release.")
    return original


async def page(
    session: AsyncSession, subject: Subject, where: ColumnElement[bool], asked: schemas.ReleaseQuery
) -> schemas.ReleasePage:
    """List releases of a target or a project, newest first."""
    statement = repository.summaries(subject).where(where)
    rows, following = await listed(session, statement, repository.LISTING, asked)
    items = [schemas.ReleaseSummary.model_validate({**row._mapping, "audit": _audit(row)}) for row in rows]
    return schemas.ReleasePage(items=items, next_cursor=following)


async def get(session: AsyncSession, subject: Subject, release_id: UUID) -> schemas.Release:
    """Return a release."""
    release, target_name = await repository.get(session, subject, release_id)
    if Scope.AUDITS_READ not in subject.scopes:
        return document(release, target_name)
    found = (await session.execute(repository.newest_audit(release_id))).one_or_none()
    return document(release, target_name, schemas.ReleaseAudit(**found._mapping) if found else None)


def _audit(row: Row[*tuple[Any, ...]]) -> schemas.ReleaseAudit | None:
    """Return the newest audit in a row of a list."""
    if row.audit_id is None:
        return None
    return schemas.ReleaseAudit(**{name: getattr(row, f"audit_{name}") for name in schemas.ReleaseAudit.model_fields})


def document(release: Release, target_name: str, audit: schemas.ReleaseAudit | None = None) -> schemas.Release:
    """Return the API document of a row."""
    own = set(schemas.Release.model_fields) - {"target_name", "class_count", "replaced_count", "audit"}
    columns: dict[str, Any] = {name: getattr(release, name) for name in own}
    counts = {
        "class_count": len(release.classes),
        "replaced_count": None if release.replaced is None else len(release.replaced),
    }
    return schemas.Release(**columns, **counts, target_name=target_name, audit=audit)
