"""Queries over accounts and their sessions."""

from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from app.auth.subject import Subject, within_organisation
from app.db.models import BrowserSession, Membership, Organisation, Person, Project
from app.db.tenancy import of_all_tenants
from app.errors import NotFoundError


async def own(session: AsyncSession, subject: Subject, *, lock: bool = False) -> Person:
    """Return the account of the subject. Raises `ForbiddenError` for machines and the operator."""
    subject.require_person()
    statement = select(Person).where(Person.id == subject.person_id)
    return (await session.execute(statement.with_for_update() if lock else statement)).scalar_one()


async def get(session: AsyncSession, subject: Subject, person_id: UUID) -> Person:
    """Return and lock any account, for the operator."""
    subject.require_operator()
    statement = select(Person).where(Person.id == person_id).with_for_update()
    found = (await session.execute(statement)).scalar_one_or_none()
    if found is None:
        raise NotFoundError("no_such_person", "There is no such person.")
    return found


async def named_memberships(session: AsyncSession, person_id: UUID) -> list[tuple[Membership, str, str | None]]:
    """Return the memberships of a person, oldest first, each with the names of what it is in."""
    statement = (
        select(Membership, Organisation.name, Project.name)
        .join(Organisation, Organisation.id == Membership.organisation_id)
        .outerjoin(Project, Project.id == Membership.project_id)
        .where(Membership.person_id == person_id)
        .order_by(Membership.created_at, Membership.id)
    )

    def read(own: Session) -> list[tuple[Membership, str, str | None]]:
        with of_all_tenants(own):  # a session acts in one organisation; names of the others belong to the person
            return [(one, organisation, project) for one, organisation, project in own.execute(statement)]

    return await session.run_sync(read)


def readable_sessions(subject: Subject) -> Select[BrowserSession]:
    """Select the open sessions of the subject's organisation or, for the operator, all."""
    statement = select(BrowserSession).where(BrowserSession.expires_at > func.now())
    return within_organisation(statement, BrowserSession.organisation_id, subject, project_id=BrowserSession.project_id)
