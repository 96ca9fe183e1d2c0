"""From an identity at the provider to an account: known, linked by address, or invited."""

from fastapi import Request
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.auth import person_repository, second_factor, sessions
from app.auth.oidc import Identity
from app.auth.subject import Subject
from app.db.models import Invitation, Method, Person
from app.errors import ForbiddenError
from app.organisations import invitations


async def sign_in(session: AsyncSession, request: Request, identity: Identity) -> tuple[Subject, str]:
    """Open a session. Returns its subject and cookie token.

    An account is known by issuer and subject. The first time, a verified e-mail address leads to
    an account or an invitation. Addresses are not looked at again, because they can change hands.
    """
    person = await _known(session, identity) or await _linked(session, identity)
    if person is None:
        raise ForbiddenError(
            "not_invited",
            "There is no account and no invitation for this identity. Ask an administrator to invite the address that "
            "the identity provider has verified.",
        )
    opened, role = await sessions.of_person(session, person, Method.OIDC)
    return await sessions.begin(session, request, opened, role)


async def _known(session: AsyncSession, identity: Identity) -> Person | None:
    statement = select(Person).where(Person.oidc_issuer == identity.issuer, Person.oidc_subject == identity.subject)
    return (await session.execute(statement)).scalar_one_or_none()


async def _linked(session: AsyncSession, identity: Identity) -> Person | None:
    """Link the account with the verified address, or make one if it is invited.

    Whoever made the account had an invitation to the address, which whoever invited may have kept.
    The provider is the first to verify the address, so what was set before no longer signs in.
    """
    if identity.email is None:
        return None
    person = await person_repository.by_email(session, identity.email, lock=True)
    if person is not None and person.oidc_subject is not None:
        return None  # the address belongs to another identity now
    statement = select(Invitation).where(Invitation.email == identity.email, *invitations.OPEN).with_for_update()
    offers = list((await session.execute(statement)).scalars())
    if person is None and offers:
        name = (identity.name or identity.email.partition("@")[0])[:100]
        person = Person(email=identity.email, name=name)
        session.add(person)
    if person is None:
        return None
    await _end_earlier_ways(session, person)
    person.oidc_issuer, person.oidc_subject = identity.issuer, identity.subject
    await session.flush()
    for offer in offers:
        if not await invitations.is_member(session, offer, person):
            await invitations.join(session, offer, person)
    return person


async def _end_earlier_ways(session: AsyncSession, person: Person) -> None:
    person.password_hash = None
    second_factor.remove(person)
    if person.id is not None:
        await person_repository.end_sessions(session, person.id)
        await person_repository.end_links(session, person.id)
