"""Signing a browser in and out."""

from datetime import UTC, datetime, timedelta

from fastapi import Request
from sqlalchemy.ext.asyncio import AsyncSession

from app.auth import audit_log, repository, schemas
from app.auth.authenticate import CHALLENGE, client_address, subject_of_session
from app.auth.scopes import ALL_SCOPES
from app.auth.secrets import api_key_hash, link_hash, looks_like_api_key, new_token, session_hash
from app.auth.subject import Subject
from app.db.models import BrowserSession, Method, Role
from app.errors import UnauthenticatedError
from app.settings import settings

OPERATOR = "operator"


async def sign_in(session: AsyncSession, request: Request, body: schemas.SignIn) -> tuple[Subject, str]:
    """Open a session with a one-time token or an API key. Returns its subject and cookie token."""
    opened, role = (
        await _from_key(session, body.api_key) if body.api_key else (await _from_link(session, body.token or ""), None)
    )
    token = new_token()
    opened.token_hash = session_hash(token)
    opened.address = client_address(request)
    session.add(opened)
    await session.flush()
    subject = subject_of_session(opened, role, request)
    await _log(session, subject, "session.opened")
    return subject, token


async def sign_out(session: AsyncSession, subject: Subject) -> None:
    """End the subject's session."""
    await repository.end_session(session, subject.id)
    await _log(session, subject, "session.closed")


async def _from_key(session: AsyncSession, text: str) -> tuple[BrowserSession, Role | None]:
    found = await repository.valid_key(session, api_key_hash(text)) if looks_like_api_key(text) else None
    if found is None:
        raise UnauthenticatedError("bad_key", "This API key is unknown, expired or revoked.", headers=CHALLENGE)
    key, ends = found.key, _end()
    opened = BrowserSession(
        method=Method.KEY,
        subject=found.actor[:100],
        organisation_id=key.organisation_id,
        project_id=key.project_id,
        api_key_id=key.id,
        person_id=key.person_id,
        membership_id=key.membership_id,
        scopes=key.scopes,
        expires_at=min(ends, key.expires_at) if key.expires_at else ends,
    )
    return opened, found.role


async def _from_link(session: AsyncSession, token: str) -> BrowserSession:
    if not await repository.use_link(session, link_hash(token)):
        raise UnauthenticatedError(
            "bad_link",
            "This sign-in link has been used or has expired. On the server's machine, `exhume sign-in` prints a new "
            "one. If the service is not running, `exhume up` starts it and prints one. An API key also works.",
            headers=CHALLENGE,
        )
    return BrowserSession(
        method=Method.LINK, subject=OPERATOR, scopes=[scope.value for scope in ALL_SCOPES], expires_at=_end()
    )


async def _log(session: AsyncSession, subject: Subject, action: str) -> None:
    await audit_log.write(
        session,
        subject,
        action,
        subject.name,
        project_id=subject.project_id,
        organisation_id=subject.organisation_id,
    )


def _end() -> datetime:
    return datetime.now(UTC) + timedelta(hours=settings().session_hours)
