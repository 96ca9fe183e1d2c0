"""Creating and listing verifiers."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.auth import audit_log
from app.auth.scopes import Scope
from app.auth.subject import Subject
from app.db.models import Verifier
from app.errors import ConflictError, UnprocessableError
from app.kit.ids import public_id
from app.kit.listing import listed
from app.kit.unique import unique_violation
from app.verifiers import repository, schemas
from app.verifiers.bundled import bundled


async def create(
    session: AsyncSession, subject: Subject, project_id: UUID, body: schemas.VerifierCreate
) -> schemas.Verifier:
    """Create a verifier without a file."""
    subject.require(Scope.DATASETS_WRITE)
    if body.name in {one.name for one in bundled()} or body.name.startswith("ver_"):
        raise UnprocessableError(
            "reserved_name", f"{body.name!r} is reserved for shipped verifiers and ids. Choose another name."
        )
    verifier = Verifier(project_id=project_id, name=body.name, convention=body.convention.model_dump(), card=body.card)
    conflict = ConflictError("name_taken", f"A verifier named {body.name!r} already exists. Choose another name.")
    async with unique_violation(session, conflict):
        session.add(verifier)
        await session.flush()
    await session.refresh(verifier)
    identifier = public_id("ver", verifier.id)
    details = {"name": verifier.name}
    await audit_log.write(session, subject, "verifier.created", identifier, project_id=project_id, details=details)
    return schemas.Verifier.model_validate(verifier)


async def page(
    session: AsyncSession, subject: Subject, project_id: UUID, asked: schemas.VerifierQuery
) -> schemas.VerifierPage:
    """List the verifiers of a project, newest first."""
    statement = repository.readable(subject).where(Verifier.project_id == project_id)
    rows, following = await listed(session, statement, repository.LISTING, asked)
    items = [schemas.Verifier.model_validate(row[0]) for row in rows]
    return schemas.VerifierPage(items=items, next_cursor=following)


async def get(session: AsyncSession, subject: Subject, verifier_id: UUID) -> schemas.Verifier:
    """Return a verifier."""
    return schemas.Verifier.model_validate(await repository.get(session, subject, verifier_id))


def bundled_page() -> schemas.BundledPage:
    """Return the shipped verifiers."""
    items = [
        schemas.BundledVerifier(
            name=one.name,
            digest=one.digest,
            channels=one.shape[0],
            height=one.shape[1],
            width=one.shape[2],
            card=one.card,
        )
        for one in bundled()
    ]
    return schemas.BundledPage(items=items, next_cursor=None)
