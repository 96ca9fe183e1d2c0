"""Signing a browser in and out."""

from datetime import UTC, datetime, timedelta

from fastapi import Request
from sqlalchemy.ext.asyncio import AsyncSession

from app.auth import audit_log, repository, schemas
from app.auth.authenticate import CHALLENGE, subject_of_session
from app.auth.scopes import ALL_SCOPES
from app.auth.secrets import api_key_hash, link_hash, looks_like_api_key, new_token, session_hash
from app.auth.subject import Subject
from app.db.models import BrowserSession
from app.errors import UnauthenticatedError
from app.settings import settings

ADMINISTRATOR = "administrator"


async def sign_in(session: AsyncSession, request: Request, body: schemas.SignIn) -> tuple[Subject, str]:
    """Open a session with a one-time token or an API key. Returns its subject and cookie token."""
    opened = await _from_key(session, body.api_key) if body.api_key else await _from_link(session, body.token or "")
    token = new_token()
    opened.token_hash = session_hash(token)
    session.add(opened)
    await session.flush()
    subject = subject_of_session(opened, request)
    await audit_log.write(session, subject, "session.opened", subject.name, project_id=subject.project_id)
    return subject, token


async def sign_out(session: AsyncSession, subject: Subject) -> None:
    """End the subject's session."""
    await repository.end_session(session, subject.id)
    await audit_log.write(session, subject, "session.closed", subject.name, project_id=subject.project_id)


async def _from_key(session: AsyncSession, text: str) -> BrowserSession:
    key = await repository.valid_key(session, api_key_hash(text)) if looks_like_api_key(text) else None
    if key is None:
        raise UnauthenticatedError("bad_key", "This API key is unknown, expired or revoked.", headers=CHALLENGE)
    ends = _end()
    return BrowserSession(
        subject=f"key:{key.name}"[:100],
        project_id=key.project_id,
        api_key_id=key.id,
        scopes=key.scopes,
        expires_at=min(ends, key.expires_at) if key.expires_at else ends,
    )


async def _from_link(session: AsyncSession, token: str) -> BrowserSession:
    if not await repository.use_link(session, link_hash(token)):
        raise UnauthenticatedError(
            "bad_link",
            "This sign-in link has been used or has expired. On the server's machine, `exhume sign-in` prints a new "
            "one. If the service is not running, `exhume up` starts it and prints one. An API key also works.",
            headers=CHALLENGE,
        )
    return BrowserSession(
        subject=ADMINISTRATOR, project_id=None, api_key_id=None, scopes=[s.value for s in ALL_SCOPES], expires_at=_end()
    )


def _end() -> datetime:
    return datetime.now(UTC) + timedelta(hours=settings().session_hours)
