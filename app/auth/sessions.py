"""Signing a browser in and out: with a password, an API key, or a one-time link."""

from datetime import UTC, datetime, timedelta

from fastapi import Request
from sqlalchemy.ext.asyncio import AsyncSession

from app.auth import audit_log, passwords, person_repository, repository, schemas, second_factor
from app.auth.authenticate import CHALLENGE, client_address, subject_of_session
from app.auth.rate_limit import check_rate
from app.auth.scopes import ALL_SCOPES
from app.auth.secrets import account_hash, api_key_hash, link_hash, looks_like_api_key, new_token, session_hash
from app.auth.subject import Subject
from app.db.models import BrowserSession, Membership, Method, Person, Role
from app.db.session import async_session
from app.errors import ForbiddenError, UnauthenticatedError
from app.settings import settings

OPERATOR = "operator"
TRIES_PER_ACCOUNT = 10
ACCOUNT_WINDOW_SECONDS = 600


async def sign_in(session: AsyncSession, request: Request, body: schemas.SignIn) -> tuple[Subject, str]:
    """Open a session in the way that the body names. Returns its subject and cookie token."""
    if body.api_key is not None:
        opened, role = await _from_key(session, body.api_key)
    elif body.token is not None:
        opened, role = await _from_link(session, body.token)
    else:
        opened, role = await _from_password(session, request, body)
    return await begin(session, request, opened, role)


async def begin(
    session: AsyncSession, request: Request, opened: BrowserSession, role: Role | None
) -> tuple[Subject, str]:
    """Store a session and log it. Returns its subject and cookie token."""
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


async def count_attempt(email: str) -> None:
    """Count a password or code that is sent for an account. Raises `TooManyRequestsError`."""
    await check_rate(
        "account",
        account_hash(email),
        limit=TRIES_PER_ACCOUNT,
        window_seconds=ACCOUNT_WINDOW_SECONDS,
        guessable=True,
    )


async def of_person(session: AsyncSession, person: Person, method: Method) -> tuple[BrowserSession, Role]:
    """Return a session of a person in the oldest membership, and its role.

    Raises `ForbiddenError` for a disabled account or one without memberships.
    """
    if person.disabled_at is not None:
        raise ForbiddenError("account_disabled", "This account is disabled. Ask the operator of the installation.")
    found = await person_repository.memberships(session, person.id)
    if not found:
        raise ForbiddenError("no_membership", "This account belongs to no organisation. Ask for an invitation.")
    opened = BrowserSession(
        method=method,
        subject=f"person:{person.email}",
        person_id=person.id,
        scopes=[scope.value for scope in ALL_SCOPES],
        expires_at=_end(),
    )
    return opened, act_as(opened, found[0])


def act_as(opened: BrowserSession, membership: Membership) -> Role:
    """Let a session act with a membership. Returns its role."""
    opened.membership_id = membership.id
    opened.organisation_id, opened.project_id = membership.organisation_id, membership.project_id
    return Role(membership.role)


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


async def _from_link(session: AsyncSession, token: str) -> tuple[BrowserSession, Role | None]:
    link = await repository.use_link(session, link_hash(token))
    if link is None:
        raise UnauthenticatedError(
            "bad_link",
            "This sign-in link has been used or has expired. On the server's machine, `exhume sign-in` prints a new "
            "one. If the service is not running, `exhume up` starts it and prints one. An API key also works.",
            headers=CHALLENGE,
        )
    if link.person_id is not None:
        return await of_person(session, await session.get_one(Person, link.person_id), Method.LINK)
    scopes = [scope.value for scope in ALL_SCOPES]
    return BrowserSession(method=Method.LINK, subject=OPERATOR, scopes=scopes, expires_at=_end()), None


async def _from_password(
    session: AsyncSession, request: Request, body: schemas.SignIn
) -> tuple[BrowserSession, Role | None]:
    """Check password and second factor. An unknown account takes as long as a known one."""
    assert body.email is not None
    assert body.password is not None
    await count_attempt(body.email)
    async with async_session(bound=False) as reading:  # which ends before the hash: a hash waits for others
        known = await person_repository.by_email(reading, body.email)
        known_id, stored = (known.id, known.password_hash) if known else (None, None)
    right = await passwords.matches(body.password, stored)
    person = await person_repository.by_email(session, body.email, lock=True) if right else None
    try:
        if person is None or person.password_hash != stored:
            raise UnauthenticatedError("bad_password", "The e-mail address, password or code is wrong.")
        second_factor.require(person, body.code)
    except UnauthenticatedError as error:
        await session.rollback()
        if known_id is not None:
            actor = audit_log.Requester(f"person:{body.email}", client_address(request), known_id)
            await _log_refusal(actor, error.code)
        raise
    return await of_person(session, person, Method.PASSWORD)


async def _log_refusal(actor: audit_log.Requester, reason: str) -> None:
    async with async_session(bound=False) as session:
        await audit_log.write(
            session, actor, "session.refused", actor.name, project_id=None, details={"reason": reason}
        )


def _end() -> datetime:
    return datetime.now(UTC) + timedelta(hours=settings().session_hours)


async def _log(session: AsyncSession, subject: Subject, action: str) -> None:
    await audit_log.write(
        session,
        subject,
        action,
        subject.name,
        project_id=subject.project_id,
        organisation_id=subject.organisation_id,
    )
