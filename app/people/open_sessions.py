"""Lists and ends signed-in browsers."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.auth import audit_log
from app.auth.scopes import Scope
from app.auth.subject import Subject
from app.db.models import BrowserSession
from app.errors import NotFoundError
from app.kit.ids import public_id
from app.kit.listing import Listing, equals, listed, text_of
from app.people import repository, schemas

LISTING = Listing(
    BrowserSession.id,
    sorts={"created_at": BrowserSession.created_at},
    search=text_of(BrowserSession.subject, BrowserSession.address),
    prefix="ses",
    filters={"method": equals(BrowserSession.method)},
)


async def page(session: AsyncSession, subject: Subject, asked: schemas.SessionQuery) -> schemas.SessionPage:
    """List the caller's sessions, or all of the organisation, newest first."""
    statement = repository.readable_sessions(subject)
    if asked.everybody:
        subject.require(Scope.MEMBERS_WRITE)
    else:
        person = await repository.own(session, subject)
        statement = statement.where(BrowserSession.person_id == person.id)
    rows, following = await listed(session, statement, LISTING, asked)
    items = [
        schemas.OpenSession.model_validate(row[0]).model_copy(update={"present": row[0].id == subject.id})
        for row in rows
    ]
    return schemas.SessionPage(items=items, next_cursor=following)


async def end(session: AsyncSession, subject: Subject, session_id: UUID) -> None:
    """End a session of the caller or, with `members:write`, of the organisation."""
    statement = repository.readable_sessions(subject).where(BrowserSession.id == session_id)
    opened = (await session.execute(statement)).scalar_one_or_none()
    own = opened is not None and opened.person_id is not None and opened.person_id == subject.person_id
    if not own:
        subject.require(Scope.MEMBERS_WRITE)
    if opened is None:
        raise NotFoundError("no_such_session", "There is no such session. It may have ended.")
    await session.delete(opened)
    await audit_log.write(
        session,
        subject,
        "session.ended",
        public_id("ses", opened.id),
        project_id=opened.project_id,
        organisation_id=opened.organisation_id,
        details={"subject": opened.subject},
    )
