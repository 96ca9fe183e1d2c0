"""The account of the caller, and accounts as the operator sees them."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.auth import audit_log, passwords, person_repository, second_factor, sessions, totp
from app.auth.authenticate import CHALLENGE
from app.auth.secrets import link_hash, new_token
from app.auth.subject import Subject
from app.db.models import ApiKey, BrowserSession, Method, Person, SignInLink
from app.db.session import async_session
from app.errors import ForbiddenError, NotFoundError, UnauthenticatedError
from app.kit.ids import public_id
from app.kit.listing import Listing, given, listed, text_of
from app.people import repository, schemas
from app.settings import settings

LISTING = Listing(
    Person.id,
    sorts={"created_at": Person.created_at, "name": Person.name, "email": Person.email},
    search=text_of(Person.name, Person.email),
    prefix="per",
    filters={"disabled": given(Person.disabled_at)},
)
RECOVERY_HOURS = 24


async def me(session: AsyncSession, subject: Subject) -> schemas.Me:
    """Return the caller's account and memberships."""
    person = await repository.own(session, subject)
    shown = [
        schemas.OwnMembership(
            id=one.id,
            organisation_id=one.organisation_id,
            organisation_name=organisation,
            project_id=one.project_id,
            project_name=project,
            role=one.role,
        )
        for one, organisation, project in await repository.named_memberships(session, person.id)
    ]
    return schemas.Me(**document(person).model_dump(), memberships=shown)


async def choose(session: AsyncSession, subject: Subject, membership_id: UUID) -> None:
    """Let the caller's session act with another membership of the person."""
    person = await repository.own(session, subject)
    found = {one.id: one for one in await person_repository.memberships(session, person.id)}
    if membership_id not in found:
        raise NotFoundError("no_such_member", "You have no such membership.")
    opened = await _signed_in(session, subject)
    sessions.act_as(opened, found[membership_id])
    await _log(session, subject, "session.membership_chosen", person)


async def change_password(session: AsyncSession, subject: Subject, body: schemas.PasswordChange) -> None:
    """Set a new password, and end the person's other sessions."""
    email, stored, method = await _before(subject)
    if stored is not None and method != Method.LINK:
        await sessions.count_attempt(email)
        await _check_password(stored, body.current)
    new = await passwords.hashed(body.new)
    person, opened = await _unchanged(session, subject, stored, method)
    person.password_hash = new
    opened.method = Method.PASSWORD  # a link allows one change
    await person_repository.end_sessions(session, person.id, but=opened.id)
    await _log(session, subject, "person.password_changed", person)


async def begin_second_factor(
    session: AsyncSession, subject: Subject, body: schemas.SecondFactorBegin
) -> schemas.SecondFactor:
    """Make the secret of a second factor, which replaces the present one once it is confirmed."""
    email, stored, method = await _before(subject)
    await sessions.count_attempt(email)
    if stored is not None:
        await _check_password(stored, body.password)
    person, _ = await _unchanged(session, subject, stored, method)
    second_factor.require_present(person, body.code)
    secret = second_factor.begin(person)
    await _log(session, subject, "person.second_factor_begun", person)
    return schemas.SecondFactor(secret=totp.base32(secret), address=totp.address(secret, person.email))


async def confirm_second_factor(session: AsyncSession, subject: Subject, code: str) -> None:
    """Confirm a second factor with its first code."""
    person = await repository.own(session, subject, lock=True)
    await _signed_in(session, subject)
    second_factor.confirm(person, code)
    await _log(session, subject, "person.second_factor_set", person)


async def page(session: AsyncSession, subject: Subject, asked: schemas.PersonQuery) -> schemas.PersonPage:
    """List all accounts, newest first, for the operator."""
    subject.require_operator()
    rows, following = await listed(session, select(Person), LISTING, asked)
    return schemas.PersonPage(items=[document(row[0]) for row in rows], next_cursor=following)


async def disable(session: AsyncSession, subject: Subject, person_id: UUID) -> None:
    """Disable an account: its sessions end, its keys and those made with them are revoked."""
    person = await repository.get(session, subject, person_id)
    if person.disabled_at is None:
        person.disabled_at = datetime.now(UTC)
        await person_repository.revoke_keys(session, ApiKey.person_id == person.id)
        await person_repository.end_sessions(session, person.id)
        await session.execute(delete(SignInLink).where(SignInLink.person_id == person.id))
        await _log(session, subject, "person.disabled", person)


async def enable(session: AsyncSession, subject: Subject, person_id: UUID) -> None:
    """Enable a disabled account. Its old keys stay revoked."""
    person = await repository.get(session, subject, person_id)
    if person.disabled_at is not None:
        person.disabled_at = None
        await _log(session, subject, "person.enabled", person)


async def recover(session: AsyncSession, subject: Subject, person_id: UUID, base: str) -> schemas.Recovery:
    """Make a link for a person who lost password or second factor. Both end, with all sessions."""
    person = await repository.get(session, subject, person_id)
    person.password_hash = None
    second_factor.remove(person)
    await person_repository.end_sessions(session, person.id)
    await person_repository.end_links(session, person.id)
    token, expires = new_token(), datetime.now(UTC) + timedelta(hours=RECOVERY_HOURS)
    session.add(SignInLink(token_hash=link_hash(token), person_id=person.id, expires_at=expires))
    await session.flush()
    await _log(session, subject, "person.recovery_begun", person)
    return schemas.Recovery(
        link=(settings().public_url or base).rstrip("/") + f"/sign-in#token={token}", expires_at=expires
    )


def document(person: Person) -> schemas.Person:
    """Return the document of an account."""
    return schemas.Person(
        id=person.id,
        email=person.email,
        name=person.name,
        second_factor=person.totp_confirmed_at is not None,
        has_password=person.password_hash is not None,
        single_sign_on=person.oidc_subject is not None,
        disabled=person.disabled_at is not None,
        created_at=person.created_at,
    )


async def _signed_in(session: AsyncSession, subject: Subject) -> BrowserSession:
    """Return the session of a person who signed in as such. A key may not change an account."""
    if not subject.by_cookie or subject.key_id is not None:
        raise ForbiddenError("sign_in_needed", "An API key cannot change an account. Sign in to the dashboard.")
    opened = await session.get(BrowserSession, subject.id)
    if opened is None:
        raise UnauthenticatedError("session_ended", "This session has ended. Sign in again.", headers=CHALLENGE)
    return opened


async def _before(subject: Subject) -> tuple[str, str | None, str]:
    """Return the caller's e-mail address and password hash, and how they signed in.

    The transaction ends before a password is hashed: a hash waits for others.
    """
    async with async_session() as reading:
        person = await repository.own(reading, subject)
        return person.email, person.password_hash, (await _signed_in(reading, subject)).method


async def _unchanged(
    session: AsyncSession, subject: Subject, stored: str | None, method: str
) -> tuple[Person, BrowserSession]:
    """Return and lock the caller's account, unless its password was changed since `_before`."""
    person = await repository.own(session, subject, lock=True)
    opened = await _signed_in(session, subject)
    if (person.password_hash, opened.method) != (stored, method):
        raise ForbiddenError(
            "wrong_password", "The password was changed meanwhile, so this request did nothing. Try again."
        )
    return person, opened


async def _check_password(stored: str, password: str | None) -> None:
    if not await passwords.matches(password or "", stored):
        raise ForbiddenError("wrong_password", "The current password is wrong.")


async def _log(session: AsyncSession, subject: Subject, action: str, person: Person) -> None:
    await audit_log.write(
        session,
        subject,
        action,
        public_id("per", person.id),
        project_id=None,
        organisation_id=subject.organisation_id,
    )
