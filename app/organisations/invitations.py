"""Invitations: an offer of a membership, accepted with a one-time token."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from fastapi import Request
from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.auth import audit_log, passwords, person_repository, sessions
from app.auth.authenticate import CHALLENGE
from app.auth.secrets import invitation_hash, new_token
from app.auth.subject import Subject, within_organisation
from app.db.models import Invitation, Membership, Method, Person, Project, Role
from app.db.session import async_session
from app.errors import ConflictError, NotFoundError, UnauthenticatedError, UnprocessableError
from app.kit.ids import public_id
from app.kit.listing import Listing, equals, listed, text_of
from app.kit.unique import unique_violation
from app.organisations import mailing, members, schemas
from app.settings import settings

LISTING = Listing(
    Invitation.id,
    sorts={"created_at": Invitation.created_at},
    search=text_of(Invitation.email, Invitation.invited_by),
    prefix="inv",
    filters={"role": equals(Invitation.role)},
)
OPEN = (Invitation.accepted_at.is_(None), Invitation.revoked_at.is_(None), Invitation.expires_at > func.now())


def readable(subject: Subject) -> Select[Invitation]:
    """Select the invitations that the subject may see."""
    return within_organisation(
        select(Invitation), Invitation.organisation_id, subject, project_id=Invitation.project_id
    )


async def page(
    session: AsyncSession, subject: Subject, organisation_id: UUID, asked: schemas.InvitationQuery
) -> schemas.InvitationPage:
    """List the invitations of an organisation, newest first."""
    statement = readable(subject).where(Invitation.organisation_id == organisation_id)
    rows, following = await listed(session, statement, LISTING, asked)
    items = [schemas.Invitation.model_validate(row[0]) for row in rows]
    return schemas.InvitationPage(items=items, next_cursor=following)


async def create(
    session: AsyncSession, subject: Subject, organisation_id: UUID, body: schemas.InvitationCreate, base: str
) -> schemas.NewInvitation:
    """Invite an address. Nobody can offer a role that may do more than they may."""
    members.require_rank(subject, body.role)
    if body.project_id is None:
        subject.require_all_projects()
    else:
        await _require_project(session, subject, organisation_id, body.project_id)
    token = new_token()
    invitation = Invitation(
        organisation_id=organisation_id,
        project_id=body.project_id,
        email=body.email,
        role=body.role,
        token_hash=invitation_hash(token),
        invited_by=subject.name,
        expires_at=datetime.now(UTC) + timedelta(days=body.expires_in_days),
    )
    session.add(invitation)
    await session.flush()
    link = f"{(settings().public_url or base).rstrip('/')}/invitation#token={token}"
    if mailed := mailing.configured():
        mailing.queue(invitation, link)
        await session.flush()
    await session.refresh(invitation)
    await _log(session, subject, "invitation.created", invitation)
    shown = schemas.Invitation.model_validate(invitation)
    return schemas.NewInvitation(**shown.model_dump(), link=link, mailed=mailed)


async def revoke(session: AsyncSession, subject: Subject, invitation_id: UUID) -> None:
    """Withdraw an invitation that has not been accepted."""
    statement = readable(subject).where(Invitation.id == invitation_id).with_for_update()
    invitation = (await session.execute(statement)).scalar_one_or_none()
    if invitation is None:
        raise NotFoundError("no_such_invitation", "There is no such invitation.")
    members.require_rank(subject, Role(invitation.role))
    if invitation.accepted_at is not None:
        raise ConflictError("invitation_accepted", "This invitation was accepted. Remove the member instead.")
    if invitation.revoked_at is None:
        invitation.revoked_at = datetime.now(UTC)
        mailing.end(invitation)
        await _log(session, subject, "invitation.revoked", invitation)


async def accept(
    session: AsyncSession, request: Request, body: schemas.InvitationAccept, signed_in: Subject | None
) -> tuple[Subject, str]:
    """Accept an invitation and sign in. Returns the subject and its cookie token."""
    statement = select(Invitation).where(Invitation.token_hash == invitation_hash(body.token), *OPEN)
    password_hash = await _hash_of_new_person(statement, body)
    invitation = (await session.execute(statement.with_for_update())).scalar_one_or_none()
    if invitation is None:
        raise UnauthenticatedError(
            "bad_invitation",
            "This invitation was used, was withdrawn or has expired. Ask for a new one.",
            headers=CHALLENGE,
        )
    person = await person_repository.by_email(session, invitation.email, lock=True)
    if person is None:
        person = await _new_person(session, invitation, body.name, password_hash)
    elif signed_in is None or signed_in.person_id != person.id or signed_in.key_id is not None:
        raise UnauthenticatedError(
            "sign_in_to_accept", "There is an account with this address. Sign in to it, then accept the invitation."
        )
    membership = await join(session, invitation, person)
    opened, _ = await sessions.of_person(session, person, Method.PASSWORD)
    return await sessions.begin(session, request, opened, sessions.act_as(opened, membership))


async def join(session: AsyncSession, invitation: Invitation, person: Person) -> Membership:
    """Make the person of an invitation a member, and log it."""
    membership = Membership(
        person_id=person.id,
        organisation_id=invitation.organisation_id,
        project_id=invitation.project_id,
        role=invitation.role,
    )
    already = ConflictError("already_member", "This account is a member already. An administrator can change its role.")
    async with unique_violation(session, already):
        session.add(membership)
        await session.flush()
    invitation.accepted_at = datetime.now(UTC)
    mailing.end(invitation)
    actor = audit_log.Requester(f"person:{person.email}", person_id=person.id)
    await _log(session, actor, "invitation.accepted", invitation)
    return membership


async def is_member(session: AsyncSession, invitation: Invitation, person: Person) -> bool:
    """Tell whether a person already has the membership that an invitation offers."""
    statement = select(Membership.id).where(
        Membership.person_id == person.id,
        Membership.organisation_id == invitation.organisation_id,
        Membership.project_id.is_not_distinct_from(invitation.project_id),
    )
    return (await session.execute(statement)).scalar_one_or_none() is not None


async def _hash_of_new_person(statement: Select[Invitation], body: schemas.InvitationAccept) -> str | None:
    """Return the hash of the password if the invitation makes an account, else None.

    The transaction ends before the password is hashed: a hash waits for others.
    """
    if body.password is None:
        return None
    async with async_session(bound=False) as reading:
        invitation = (await reading.execute(statement)).scalar_one_or_none()
        if invitation is None or await person_repository.by_email(reading, invitation.email) is not None:
            return None
    return await passwords.hashed(body.password)


async def _new_person(
    session: AsyncSession, invitation: Invitation, name: str | None, password_hash: str | None
) -> Person:
    if name is None or password_hash is None:
        raise UnprocessableError("account_needed", "Send `name` and `password` for the new account.")
    person = Person(email=invitation.email, name=name, password_hash=password_hash)
    session.add(person)
    await session.flush()
    return person


async def _require_project(session: AsyncSession, subject: Subject, organisation_id: UUID, project_id: UUID) -> None:
    statement = select(Project.id).where(Project.id == project_id, Project.organisation_id == organisation_id)
    found = (await session.execute(statement)).scalar_one_or_none()
    if found is None or subject.project_id not in {None, found}:
        raise NotFoundError("no_such_project", "There is no such project.")


async def _log(session: AsyncSession, actor: audit_log.Actor, action: str, invitation: Invitation) -> None:
    details: dict[str, Any] = {"email": invitation.email, "role": str(invitation.role)}
    await audit_log.write(
        session,
        actor,
        action,
        public_id("inv", invitation.id),
        project_id=invitation.project_id,
        organisation_id=invitation.organisation_id,
        details=details,
    )
